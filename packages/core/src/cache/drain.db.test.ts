import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createCachedReads, openRedisLink } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { pruneOutbox, readOutbox, schema } from '@quarry/db'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { count, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createDrain } from './drain.ts'

let db: TestDatabase
let redis: TestRedis
let tenant: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  redis = await startTestRedis()
})
beforeEach(async () => {
  tenant = await createTenant(db)
  await db.owner.unsafe('delete from cache_outbox')
})
afterAll(async () => {
  await redis.close()
  await db.close()
})

/** A process's cache with its drain, and a read through it: how many collections there are. */
const openProcess = (shared: boolean) => {
  const link = shared ? openRedisLink(redis.adapter) : null
  const reads = createCachedReads({ link, readVersions: (ids) => db.database.versions(ids) })
  const drain = createDrain({
    database: db.database,
    cache: reads,
    redis: link,
    logger: createLogger({ name: 'test', level: 'silent' }),
  })
  onTestFinished(async () => {
    await drain.stop()
    await reads.close()
    await link?.close()
  })
  const load = vi.fn<() => Promise<number>>(async () => {
    const [row] = await tenant
      .as(tenant.owner)
      .tx((tx) =>
        tx.select({ found: count() }).from(schema.collection).where(eq(schema.collection.orgId, tenant.orgId)),
      )
    return row?.found ?? -1
  })
  const collections = () =>
    reads.read(
      {
        orgId: tenant.orgId,
        name: 'test.collections',
        sharedBy: '*',
        input: null,
        versions: [{ subjectId: tenant.orgId, tag: 'permission' }],
        ttlSeconds: 600,
        staleSeconds: 0,
      },
      load,
    )
  return { drain, reads, link, collections, load }
}
const rowsLeft = () => db.database.system((tx) => readOutbox(tx, 1000))

test('what a process committed and died of, before it told anybody, is read within a second by the others', async () => {
  const other = openProcess(true)
  other.drain.start()
  await vi.waitFor(async () => expect(await other.collections()).toBe(0), { timeout: 10_000 })
  const child = fork(new URL('testing/commit-and-die.ts', import.meta.url), [
    JSON.stringify({ adapter: db.adapter, actor: tenant.owner }),
  ])
  const [, signal] = await once(child, 'exit')
  const from = performance.now()
  expect(signal).toBe('SIGKILL')
  expect(await rowsLeft()).toHaveLength(3)
  // Kept since: otherwise nothing would be proved.
  expect(other.load.mock.calls.length).toBe(1)
  await vi.waitFor(async () => expect(await other.collections()).toBe(1), { timeout: 5_000, interval: 20 })
  // Half a second where nothing else runs. Nobody else would tell Redis for half a minute.
  expect(performance.now() - from).toBeLessThan(4_000)
})

test('who has written reads it at once, and so does every process that Redis connects', async () => {
  for (const shared of [true, false]) {
    const [writer, reader] = [openProcess(shared), openProcess(shared)]
    for (const { drain } of [writer, reader]) drain.start()
    const before = await writer.collections()
    await createCollection(tenant)
    // Nobody says whose it was: the outbox does.
    await writer.drain.wrote([])
    expect(await writer.collections()).toBe(before + 1)
    await vi.waitFor(async () => expect(await reader.collections()).toBe(before + 1), { timeout: 10_000 })
  }
})

test('rows go when every process has had time to see them, and by age where there is nobody to tell', async () => {
  const one = openProcess(true)
  await createCollection(tenant)
  await one.drain.wrote([])
  expect(await rowsLeft()).toHaveLength(3)
  one.drain.start()
  await vi.waitFor(async () => expect(await rowsLeft()).toEqual([]), { timeout: 10_000 })

  const alone = openProcess(false)
  await createCollection(tenant)
  await alone.drain.wrote([])
  expect(await rowsLeft()).toHaveLength(3)
  await db.database.system((tx) => pruneOutbox(tx, new Date(Date.now() + 60_000)))
  expect(await rowsLeft()).toEqual([])
})

test('while Redis stands still a write waits a quarter of a second at most, and its rows wait for Redis', async () => {
  const one = openProcess(true)
  one.drain.start()
  expect(await one.collections()).toBe(0)
  redis.freeze()
  try {
    for (let n = 1; n <= 6; n++) {
      await createCollection(tenant)
      const from = performance.now()
      await one.drain.wrote([])
      // Generous: what is measured is that nobody waits for Redis, which would be for ever.
      expect(performance.now() - from).toBeLessThan(5_000)
      expect(await one.collections()).toBe(n)
    }
    expect((await rowsLeft()).length).toBeGreaterThanOrEqual(18)
  } finally {
    redis.thaw()
  }
  await vi.waitFor(async () => expect(await rowsLeft()).toEqual([]), { timeout: 20_000, interval: 100 })
})

test('two that drain at the same time tell everything, and lose nothing', async () => {
  const all = [openProcess(true), openProcess(true), openProcess(true)]
  for (const { drain } of all) drain.start()
  for (let n = 1; n <= 20; n++) {
    await createCollection(tenant)
    await Promise.all(all.map(({ drain }) => drain.wrote([tenant.orgId])))
    expect(await Promise.all(all.map(({ collections }) => collections()))).toEqual([n, n, n])
  }
})

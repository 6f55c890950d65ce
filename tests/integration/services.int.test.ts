import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSlowProxy, startTestRedis, type SlowProxy, type TestRedis } from '@quarry/cache/testing'
import { doctorJson, health, searchOutput } from '@quarry/contracts'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { callDeadline, p95, startLoad, type Load } from '../fixtures/load.ts'
import {
  isReady,
  newDataFolder,
  quarry,
  query,
  spawnReplica,
  startProduct,
  startReplica,
  waitUntil,
  type Product,
  type Replica,
} from '../fixtures/product/index.ts'

/** What one call may take longer while Redis is away, at most: the machine does other things; `bench -- cache` measures. */
const MORE_MS = 2_000
/** A breaker that waits longer before it looks would be felt. */
const CLOSED_AGAIN_MS = 15_000
const HEALTHY_AGAIN_MS = 30_000
/** Enough calls for a 95th percentile of each phase. */
const CALLS = 60
const SECRET = 'a secret of the tests, long enough for its purpose'

/** Where the database is, for the product: behind a proxy that can go away. */
const databaseEnv = (database: TestDatabase, port?: string) => {
  if (database.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
  const url = new URL(database.adapter.url)
  if (port !== undefined) url.port = port
  return { DATABASE_URL: url.href, DATABASE_OWNER_URL: database.adapter.ownerUrl ?? '', AUTH_SECRET: SECRET }
}

describe('three web servers on PostgreSQL and Redis', () => {
  let database: TestDatabase
  let between: SlowProxy
  let redis: TestRedis
  let product: Product
  let env: Record<string, string>
  const replicas: Replica[] = []
  let urls: string[]
  let load: Load

  beforeAll(async () => {
    database = await createTestDatabase()
    redis = await startTestRedis()
    if (database.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
    between = await startSlowProxy(Number(new URL(database.adapter.url).port))
    env = {
      ...databaseEnv(database, new URL(between.url).port),
      REDIS_URL: redis.adapter.url,
      WEB_REPLICAS: '3',
      // What is measured here is not the limits.
      RATE_LIMIT_PER_MINUTE: '1000000',
      RATE_LIMIT_PER_HOUR: '100000000',
      RATE_LIMIT_IP_PER_MINUTE: '1000000',
    }
    product = await startProduct({ env })
    for (let i = 0; i < 2; i++) replicas.push(await startReplica({ dataFolder: product.dataFolder, env }))
    urls = [product.url, ...replicas.map(({ url }) => url)]
    const headers = { authorization: `Bearer ${product.credentials.apiKey}` }
    const get = (url: string, path: string) => ({
      name: path,
      send: () => fetch(`${url}/api/trpc/${path}`, { headers, signal: callDeadline() }),
    })
    const input = (value: object) => encodeURIComponent(JSON.stringify(value))
    load = startLoad(
      urls.flatMap((url) => [
        get(url, 'session.me'),
        get(url, `documents.list?input=${input({ limit: 20 })}`),
        get(url, 'collections.list'),
        get(url, `search.query?input=${input({ query: 'mast torque' })}`),
      ]),
      6,
    )
  })
  afterAll(async () => {
    await load?.stop()
    await Promise.all(replicas.map((replica) => replica.stop()))
    await product?.stop()
    await between.close()
    await redis.close()
    await database.close()
  })

  const doctor = async () => {
    const { code, stdout } = await quarry(product, ['doctor', '--json'])
    return { code, checks: doctorJson.parse(JSON.parse(stdout)).checks }
  }
  /** What each web server says of Redis; nothing where all is well. */
  const findings = () =>
    Promise.all(
      urls.map(async (url) => {
        const { ok, findings: found } = health.parse(await (await fetch(`${url}/api/health/ready`)).json())
        return {
          ok,
          redis: found.filter(({ name, detail }) => name === 'redis' && detail.includes('does not answer')).length,
        }
      }),
    )
  /** Calls until there are enough of them. */
  const some = async () => {
    load.take()
    const calls: ReturnType<Load['take']> = []
    await waitUntil(`${CALLS} calls are answered`, 60_000, () => {
      calls.push(...load.take())
      return calls.length >= CALLS
    })
    return calls
  }
  const allServed = (calls: Awaited<ReturnType<typeof some>>) => calls.filter(({ status }) => status !== 200)
  const closedAgain = () =>
    waitUntil('every web server uses Redis again', CLOSED_AGAIN_MS, async () =>
      (await findings()).every((one) => one.ok && one.redis === 0),
    )
  const searched = async () =>
    (
      await query(
        { url: product.url, apiKey: product.credentials.apiKey },
        'search.query',
        { query: 'mast torque' },
        searchOutput,
      )
    ).hits

  it('serves, and doctor says what to set on Redis', async () => {
    expect(allServed(await some())).toEqual([])
    const { code, checks } = await doctor()
    expect(code).toBe(0)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'redis', warning: true, detail: expect.stringContaining('maxmemory 256mb') }),
    )
  })

  it.each([
    ['killed', () => redis.kill(), () => redis.restart()],
    ['frozen', () => Promise.resolve(redis.freeze()), () => Promise.resolve(redis.thaw())],
  ])('serves while Redis is %s, says so, and uses it again soon after', async (_what, away, back) => {
    const calm = p95(await some())
    await away()
    const without = await some()
    expect(allServed(without)).toEqual([])
    expect(p95(without) - calm).toBeLessThan(MORE_MS)
    await waitUntil('every web server says that Redis is away, and is ready', 10_000, async () =>
      (await findings()).every((one) => one.ok && one.redis === 1),
    )
    const { code, checks } = await doctor()
    expect(code).toBe(0)
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'redis', warning: true, detail: expect.stringContaining('REDIS_URL') }),
    )
    await back()
    await closedAgain()
    expect(allServed(await some())).toEqual([])
  })

  it('serves the same when Redis has forgotten everything', async () => {
    const before = await searched()
    expect(before.length).toBeGreaterThan(0)
    await redis.restart()
    await closedAgain()
    expect(allServed(await some())).toEqual([])
    expect(await searched()).toEqual(before)
  })

  it('starts a web server while Redis is away', async () => {
    await redis.kill()
    const late = await startReplica({ dataFolder: product.dataFolder, env })
    expect(await isReady(late.url)).toBe(true)
    await late.stop()
    await redis.restart()
    await closedAgain()
  })

  it('is healthy again by itself after PostgreSQL was away, and nobody waits without end', async () => {
    await closedAgain()
    load.take()
    between.pass('refuse')
    await database.owner`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    await waitUntil('every web server says that it is not ready', 20_000, async () =>
      (await Promise.all(urls.map((url) => isReady(url)))).every((ready) => !ready),
    )
    between.pass({ delayMs: 0 })
    await waitUntil('every web server is ready', HEALTHY_AGAIN_MS, async () =>
      (await Promise.all(urls.map((url) => isReady(url)))).every(Boolean),
    )
    const during = load.take()
    // What the cache still has is served, the rest is refused; nothing else.
    expect(during.filter(({ status }) => status !== 200 && status !== 503)).toEqual([])
    expect(Math.max(...during.map(({ ms }) => ms))).toBeLessThan(15_000)
    expect(allServed(await some())).toEqual([])
  })
})

describe('a web server without Redis', () => {
  let database: TestDatabase
  let dataFolder: string
  beforeAll(async () => {
    database = await createTestDatabase()
    dataFolder = await newDataFolder()
  })
  afterAll(async () => {
    await database.close()
    await rm(dataFolder, { recursive: true, force: true })
  })
  /** More connections than the server has. */
  const optionsOf = () => ({ dataFolder, env: { ...databaseEnv(database), DB_POOL_SIZE: '400' } })

  it('is the only one of its database: a second one says why it does not start, until the first has ended', async () => {
    const first = await startReplica(optionsOf())
    const second = await spawnReplica(optionsOf())
    expect(await second.exited).not.toBe(0)
    expect(second.output()).toMatch(/Another web process.*Stop that one; or set REDIS_URL/s)
    await first.stop()
    const third = await startReplica(optionsOf())
    await third.stop()
  })

  it('that may open more connections than there are is ready, and doctor ends with 1 and says what to change', async () => {
    const only = await startReplica(optionsOf())
    const { port } = new URL(only.url)
    const key = { QUARRY_URL: only.url, QUARRY_API_KEY: 'a key that nobody has' }
    const { code, stdout } = await quarry({ dataFolder, port: Number(port) }, ['doctor', '--json'], { env: key })
    expect(code).toBe(1)
    const { checks } = doctorJson.parse(JSON.parse(stdout))
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'connections',
        ok: false,
        detail: expect.stringContaining('lower DB_POOL_SIZE'),
      }),
    )
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['connections', 'key'])
    await only.stop()
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisUnavailable } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { procedures } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { allAsked, answersTo, freshAnswers, staleIn } from './testing/kept-queries.ts'
import { worksForItsOwner, type Faults } from './testing/matrix-probes.ts'
import { lookInto } from './testing/redis-keys.ts'
import { createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-redis-outage-'))
  database = await createTestDatabase()
})
afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

const openOn = async (redis: TestRedis): Promise<WebCore> => {
  const env = testEnvironment(database, folder)
  const core = createWebCore({
    ...env,
    adapters: { ...env.adapters, redis: redis.adapter, embedding: { kind: 'off' } },
  })
  onTestFinished(async () => {
    await core.close()
    redis.thaw()
    await redis.close()
  })
  await core.start()
  return core
}
/** Every procedure, called by whom it is for. */
const faultsOf = async (core: WebCore, before: () => Promise<void> = () => Promise.resolve()): Promise<Faults> => {
  const faults: Faults = []
  for (const { path } of procedures()) {
    const world = await createWorld(core, database)
    await before()
    faults.push(...(await worksForItsOwner(path, world)).map((fault) => `${path}: ${fault}`))
  }
  return faults
}
/** The whole API three times over, on a machine that does something else besides. */
const TIMEOUT = { timeout: 180_000 }

describe('check 16: the API while Redis is away', () => {
  it('is served with a Redis that was never there', TIMEOUT, async () => {
    const redis = await startTestRedis()
    await redis.kill()
    expect(await faultsOf(await openOn(redis))).toEqual([])
  })

  it('is served with one that stands still', TIMEOUT, async () => {
    const redis = await startTestRedis()
    const core = await openOn(redis)
    const world = await createWorld(core, database)
    await answersTo(core, world, allAsked(world))
    redis.freeze()
    expect(await faultsOf(core)).toEqual([])
    // What was kept before is not believed any longer than it should be.
    await database.owner.unsafe(`update document set title = 'Renamed' where id = $1`, [world.document.documentId])
    await core.deps.wrote([world.tenant.orgId])
    const asked = allAsked(world)
    expect(await staleIn(core, world, asked, await freshAnswers(core, world, asked))).toEqual([])
  })

  it('control: with one that is there, answers come from it', async () => {
    const redis = await startTestRedis()
    const core = await openOn(redis)
    const world = await createWorld(core, database)
    await answersTo(core, world, allAsked(world))
    const names = [...(await lookInto(redis, ({ all }) => all())).keys()]
    expect(names.filter((name) => name.startsWith(`o:${world.tenant.orgId}:cache:`)).length).toBeGreaterThan(5)
  })

  it('mutation: an outage that got through to callers would be noticed', async () => {
    const redis = await startTestRedis()
    const { deps, ...core } = await openOn(redis)
    const careless = {
      ...core,
      deps: { ...deps, kept: { ...deps.kept, answer: () => Promise.reject(new RedisUnavailable()) } },
    }
    const world: World = await createWorld(careless, database)
    expect(await worksForItsOwner('documents.list', world)).not.toEqual([])
  })
})

describe('check 32: the API while Redis loses what it has', () => {
  it('is served with one that is emptied again and again, and mixes nobody up', TIMEOUT, async () => {
    const redis = await startTestRedis()
    const core = await openOn(redis)
    const flush = () => lookInto(redis, (commands) => commands.flush())
    const [a, b] = [await createWorld(core, database), await createWorld(core, database)]
    await answersTo(core, a, allAsked(a))
    expect(await faultsOf(core, flush)).toEqual([])
    for (const world of [a, b]) {
      const asked = allAsked(world)
      const fresh = await freshAnswers(core, world, asked)
      await flush()
      expect(await staleIn(core, world, asked, fresh)).toEqual([])
    }
  })

  it('control: what was lost is there again after the next question', async () => {
    const redis = await startTestRedis()
    const core = await openOn(redis)
    const world = await createWorld(core, database)
    await lookInto(redis, (commands) => commands.flush())
    await answersTo(core, world, allAsked(world))
    expect([...(await lookInto(redis, ({ all }) => all())).keys()].join()).toContain(world.tenant.orgId)
  })
})

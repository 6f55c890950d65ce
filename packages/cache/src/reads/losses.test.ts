import { describe, expect, test, vi, type TestContext } from 'vitest'
import type { Redis } from 'ioredis'
import type { OrgId } from '@quarry/contracts'
import { openRedisLink } from '../redis/open-redis-link.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import {
  createVersionStore,
  newOrgId,
  questionOf,
  startCachedProcess,
  startTestRedis,
  type TestRedis,
} from '../testing/index.ts'
import { VERSION_AGE_MS } from './versions.ts'

interface Told {
  readonly orgId: OrgId
  readonly count: number
}

/** What a busy machine may be late by when it notes the time of a commit or of a question. */
const SLACK_MS = 500
const FOR_MS = 2_500
/** This is not about time: a busy machine is no outage. */
const PATIENT = { commandDeadlineMs: 10_000 }

/** Organisations that change, processes that read of them over one Redis, and what was told wrongly. */
const setUp = async ({ onTestFinished }: TestContext, wrap?: (link: RedisLink) => RedisLink) => {
  const server = await startTestRedis()
  const store = createVersionStore()
  const processes = [0, 1].map(() => startCachedProcess(store, server.adapter, { ...PATIENT, ...(wrap && { wrap }) }))
  const link = openRedisLink(server.adapter, PATIENT)
  onTestFinished(async () => {
    await link.close()
    for (const one of processes) await one.stop()
    await server.close()
  })
  const orgs = Array.from({ length: 4 }, newOrgId)
  const commits = new Map<OrgId, { at: number; count: number }[]>(orgs.map((orgId) => [orgId, []]))
  const countOf = (orgId: OrgId, before = Infinity) => commits.get(orgId)!.findLast(({ at }) => at < before)?.count ?? 0
  let foreign = 0
  let stale = 0

  const write = (orgId: OrgId) => {
    store.commit(...questionOf(orgId).versions)
    commits.get(orgId)!.push({ at: performance.now(), count: countOf(orgId) + 1 })
  }
  const read = async (orgId: OrgId, input: number) => {
    const floor = countOf(orgId, performance.now() - VERSION_AGE_MS - SLACK_MS)
    const one = processes[input % processes.length]!
    const told = await one.reads.read<Told>(questionOf(orgId, input % 5), async () => ({
      orgId,
      count: countOf(orgId),
    }))
    if (told.orgId !== orgId) foreign++
    else if (told.count < floor) stale++
  }
  /** Reads and writes until `during` is over. */
  const traffic = async (during: Promise<void>) => {
    let going = true
    const reader = async (seed: number) => {
      for (let i = seed; going; i += 7) {
        await read(orgs[i % orgs.length]!, i)
        if (i % 50 === seed) write(orgs[i % orgs.length]!)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const readers = Promise.all(Array.from({ length: 8 }, (_, seed) => reader(seed)))
    await during.finally(() => (going = false))
    await readers
  }
  return {
    server,
    traffic,
    outcomes: () => processes.flatMap(({ outcomes }) => outcomes),
    link,
    wrong: () => ({ foreign, stale }),
  }
}

const repeatedly = (every: number, work: () => Promise<unknown>) => async () => {
  for (const end = performance.now() + FOR_MS; performance.now() < end;) {
    await work().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}

const until = (met: () => void): Promise<void> => vi.waitFor(met, { timeout: 20_000 })

const LOSSES: Record<string, (server: TestRedis, link: RedisLink) => () => Promise<void>> = {
  'everything is flushed': (_server, link) => repeatedly(100, () => link.run((redis) => redis.flushall())),
  'it has no room and evicts': (_server, link) => async () => {
    await link.run((redis) => redis.config('SET', 'maxmemory', '1200kb'))
    let i = 0
    await repeatedly(20, () =>
      link.run((redis) => redis.set(`o:${newOrgId()}:x`, 'x'.repeat(50_000), 'PX', 60_000 + i++)),
    )()
  },
  'it starts anew, empty': (server) => repeatedly(800, () => server.restart()),
}

describe('check 32: what Redis loses is computed again, and nobody is told what is somebody else’s', () => {
  test.concurrent.for(Object.entries(LOSSES))('while %s', async ([, lose], context) => {
    const world = await setUp(context)
    await world.traffic(lose(world.server, world.link)())
    expect(world.wrong()).toEqual({ foreign: 0, stale: 0 })
    expect(world.outcomes()).toContain('miss')
  })

  test.concurrent('control: answers are found, and computed again after a loss', async (context) => {
    const world = await setUp(context)
    const count = (outcome: string) => world.outcomes().filter((one) => one === outcome).length
    await world.traffic(until(() => expect(count('hit')).toBeGreaterThan(100)))
    const { link } = world
    const keys = () => link.run((redis) => redis.keys('o:*:cache:*'))
    await vi.waitFor(async () => expect((await keys()).length).toBeGreaterThan(0), { timeout: 10_000 })
    await link.run((redis) => redis.flushall())
    expect(await keys()).toEqual([])
    const before = count('miss')
    await world.traffic(until(() => expect(count('miss')).toBeGreaterThan(before)))
    expect(world.wrong()).toEqual({ foreign: 0, stale: 0 })
  })

  test.concurrent('mutation: keys and envelopes without the organisation mix them up', async (context) => {
    const world = await setUp(context, (link) => ({
      ...link,
      state: 'closed',
      run: (commands) => link.run((redis) => commands(blind(redis))),
    }))
    await world.traffic(until(() => expect(world.wrong().foreign).toBeGreaterThan(0)))
  })
})

/** A Redis to which all organisations are one: their ids are left out of keys, and answers claim to be of who asks. */
const blind = (redis: Redis): Redis =>
  new Proxy(redis, {
    get(target, property) {
      if (property !== 'evalsha' && property !== 'eval') return Reflect.get(target, property, target)
      return async (...args: [string, number, ...string[]]) => {
        const asker = /^o:([^:]+):/.exec(args[2] ?? '')?.[1]
        const reply: unknown = await target[property](args[0], args[1], ...args.slice(2).map(withoutOrganisation))
        return typeof reply === 'string' ? reply.replace(/"o":"[^"]+"/, `"o":"${asker ?? ''}"`) : reply
      }
    },
  })

const withoutOrganisation = (key: unknown): string =>
  String(key).replace(/^o:[^:]+:(cache|lock):([^:]+:[^:]+:[^:]+):.*/, 'o:all:$1:$2')

import { Redis } from 'ioredis'
import { describe, expect, test, vi, type TestContext } from 'vitest'
import type { RedisLink } from '../redis/redis-link.ts'
import {
  createVersionStore,
  newOrgId,
  questionOf,
  startCachedProcess,
  startSlowProxy,
  startTestRedis,
  type Passing,
} from '../testing/index.ts'

/** What an outage may add to the 95th percentile, and how soon Redis is used again after it. */
const MOST_ADDED_MS = 300
const RECOVERY_MS = 15_000
/** Long enough for an outage to be noticed, looked into several times, and lived with. */
const OUTAGE_MS = 2_000
const HEALTHY_MS = 500
const READERS = 20
/** Between two questions of a reader: tests run side by side, and this is not about how much they get done. */
const THINK_MS = 25
/** What a query costs that nobody has asked yet. */
const LOAD_MS = 5

/** Where it is not about time, a busy machine is no outage. */
const PATIENT = { commandDeadlineMs: 10_000 }

const setUp = async (
  { onTestFinished }: TestContext,
  wrap: (link: RedisLink, url: string) => RedisLink = (link) => link,
) => {
  const server = await startTestRedis()
  const proxy = await startSlowProxy(server.port)
  const store = createVersionStore()
  const one = startCachedProcess(
    store,
    { url: proxy.url, maxConnections: 2 },
    { wrap: (link) => wrap(link, proxy.url) },
  )
  let asked = 0
  const read = async () => {
    const question = questionOf(newOrgId(), asked++)
    const right = `answer ${asked}`
    const start = performance.now()
    const answer = await one.reads.read(question, async () => {
      await pause(LOAD_MS)
      return right
    })
    if (answer !== right) throw new Error(`${answer} is not ${right}`)
    return performance.now() - start
  }
  /** Readers one after the other, all of whose questions are new; gives the 95th percentile of what each took. */
  const p95During = async (ms: number) => {
    const costs: number[] = []
    const until = performance.now() + ms
    const reader = async () => {
      while (performance.now() < until) {
        costs.push(await read())
        await pause(THINK_MS)
      }
    }
    await Promise.all(Array.from({ length: READERS }, reader))
    return costs.toSorted((a, b) => a - b)[Math.floor(costs.length * 0.95)]!
  }
  const isUsedAgain = () =>
    vi.waitFor(
      async () => {
        await read()
        expect(one.outcomes.at(-1)).toBe('miss')
      },
      { timeout: RECOVERY_MS, interval: 50 },
    )
  onTestFinished(async () => {
    await one.stop()
    await proxy.close()
    server.thaw()
    await server.close()
  })
  return { server, proxy, one, p95During, isUsedAgain }
}

type World = Awaited<ReturnType<typeof setUp>>

/** More than at the same time and on the same machine with a Redis that serves. */
const addedDuring = async (ms: number, world: World, context: TestContext): Promise<number> => {
  const healthy = await setUp(context)
  const [during, otherwise] = await Promise.all([world.p95During(ms), healthy.p95During(ms)])
  return during - otherwise
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const passing = (how: Passing) => async (world: World) => world.proxy.pass(how)

/** How Redis goes away, and comes back. */
const OUTAGES: Record<string, { away: (world: World) => Promise<void>; back: (world: World) => Promise<void> }> = {
  refused: { away: (world) => world.server.kill(), back: (world) => world.server.restart() },
  'a black hole': {
    away: passing('silence'),
    back: async ({ proxy }) => {
      proxy.dropHeld()
      proxy.pass({ delayMs: 0 })
    },
  },
  frozen: { away: async (world) => world.server.freeze(), back: async (world) => world.server.thaw() },
  '2 s slow': { away: passing({ delayMs: 2_000 }), back: passing({ delayMs: 0 }) },
  'coming and going': {
    away: async ({ proxy }) => {
      for (let i = 0; i < 4; i++) {
        proxy.pass(i % 2 === 0 ? 'refuse' : { delayMs: 0 })
        await pause(OUTAGE_MS / 8)
      }
      proxy.pass('refuse')
    },
    back: passing({ delayMs: 0 }),
  },
}

// A rejection that nobody handles fails the run: Vitest sees to that.
describe('check 16: an outage of Redis slows reads by 300 ms at most, and is over 15 s after it', () => {
  test.concurrent.for(Object.entries(OUTAGES))('Redis is %s', async ([, { away, back }], context) => {
    const world = await setUp(context)
    await world.isUsedAgain()
    const going = away(world)
    expect(await addedDuring(OUTAGE_MS, world, context)).toBeLessThan(MOST_ADDED_MS)
    await going
    expect(world.one.outcomes).toContain('error')
    await back(world)
    await world.isUsedAgain()
  })

  test.concurrent('Redis is not there at the start', async (context) => {
    const world = await setUp(context)
    world.proxy.pass('refuse')
    expect(await addedDuring(HEALTHY_MS, world, context)).toBeLessThan(MOST_ADDED_MS)
    world.proxy.pass({ delayMs: 0 })
    await world.isUsedAgain()
  })

  test.concurrent('what is known in memory goes on being found there', async (context) => {
    const world = await setUp(context)
    const question = questionOf(newOrgId())
    await world.one.reads.read(question, async () => 1)
    await world.server.kill()
    await vi.waitFor(() => expect(world.one.link.state).not.toBe('closed'), { timeout: 10_000 })
    expect(await world.one.reads.read(question, async () => 2)).toBe(1)
  })

  test.concurrent('mutation: a client as it comes, which queues, repeats and waits, adds more', async (context) => {
    const world = await setUp(context, (link, url) => {
      const client = new Redis(url).on('error', () => undefined)
      return { ...link, state: 'closed', run: (commands) => commands(client), close: async () => client.disconnect() }
    })
    // Less than 2 s shows it as well, and sooner: one question of each reader.
    world.proxy.pass({ delayMs: 500 })
    expect(await addedDuring(1, world, context)).toBeGreaterThan(MOST_ADDED_MS)
  })

  test.concurrent('control: what one process has computed another one finds in Redis', async (context) => {
    const world = await setUp(context)
    const store = createVersionStore()
    const [a, b] = [0, 1].map(() => startCachedProcess(store, world.server.adapter, PATIENT)) as [
      World['one'],
      World['one'],
    ]
    context.onTestFinished(async () => {
      for (const one of [a, b]) await one.stop()
    })
    const question = questionOf(newOrgId())
    await a.reads.read(question, async () => 'of a')
    // It is put there after it was told.
    await vi.waitFor(async () =>
      expect(await a.link.run((redis) => redis.keys(`o:${question.orgId}:cache:*`))).toHaveLength(1),
    )
    expect(await b.reads.read(question, async () => 'of b')).toBe('of a')
    expect(b.outcomes).toEqual(['hit'])
  })
})

import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { OrgId } from '@quarry/contracts'
import { isKnownRedisKey } from '../redis/key-patterns.ts'
import { RedisUnavailable, type RedisLink } from '../redis/redis-link.ts'
import { startTestRedis } from '../testing/index.ts'
import type { Bucket, RateLimiter } from '../rate-limiter.ts'
import { bucketKey } from './bucket-key.ts'
import { createRateLimiter } from './create-rate-limiter.ts'
import { createMemoryBuckets } from './memory-buckets.ts'

const bucket = (policy: string, capacity: number, cost: number, refillSeconds = 3600): Bucket => ({
  policy,
  key: `test:${policy}`,
  capacity,
  refillSeconds,
  cost,
})

/** A link whose Redis comes and goes as the test says. */
const newLink = async () => {
  const server = await startTestRedis()
  const redis = new Redis(server.adapter.url)
  const state = { away: false }
  const link: Pick<RedisLink, 'run'> = {
    run: (commands) => (state.away ? Promise.reject(new RedisUnavailable()) : commands(redis)),
  }
  onTestFinished(async () => {
    redis.disconnect()
    await server.close()
  })
  return { state, redis, link }
}

/** How many of so many calls at once are let through. */
const allowedOf = async (limiters: readonly RateLimiter[], calls: number, buckets: readonly Bucket[]) => {
  const decisions = await Promise.all(
    Array.from({ length: calls }, (_, i) => limiters[i % limiters.length]!.charge(buckets)),
  )
  return decisions.filter(({ allowed }) => allowed).length
}

describe('a rate limiter', () => {
  test('of several processes lets as many calls through as one would, and not one more', async () => {
    const { link } = await newLink()
    const replicas = Array.from({ length: 3 }, () => createRateLimiter({ link, replicas: 3 }))
    expect(await allowedOf(replicas, 1000, [bucket('user', 100, 1)])).toBe(100)
    // The control: each for itself lets three times as many through.
    const apart = Array.from({ length: 3 }, () => createRateLimiter({ link: null, replicas: 3 }))
    expect(await allowedOf(apart, 1000, [bucket('user', 100, 1)])).toBe(300)
  })

  test('charges all of the buckets or none', async () => {
    const { link } = await newLink()
    const limiter = createRateLimiter({ link, replicas: 1 })
    const small = bucket('user', 2, 1)
    const large = bucket('organisation', 10, 1)
    for (let i = 0; i < 2; i++) expect((await limiter.charge([small, large])).allowed).toBe(true)
    for (let i = 0; i < 20; i++)
      expect(await limiter.charge([large, small])).toMatchObject({ allowed: false, refusedBy: 'user' })
    const { buckets } = await limiter.charge([{ ...large, cost: 0 }])
    expect(buckets[0]?.remaining).toBeCloseTo(8, 1)
  })

  test('says what is left, when it is full, and of several refusals the longest wait', async () => {
    const limiter = createRateLimiter({ link: null, replicas: 1, memory: createMemoryBuckets(() => 0) })
    const buckets = [bucket('user', 60, 45, 60), bucket('organisation', 1000, 700, 3600)]
    expect(await limiter.charge(buckets)).toEqual({
      allowed: true,
      retryAfterSeconds: 0,
      refusedBy: null,
      buckets: [
        { policy: 'user', capacity: 60, refillSeconds: 60, remaining: 15, resetSeconds: 45 },
        { policy: 'organisation', capacity: 1000, refillSeconds: 3600, remaining: 300, resetSeconds: 2520 },
      ],
    })
    expect(await limiter.charge(buckets)).toMatchObject({
      allowed: false,
      refusedBy: 'organisation',
      retryAfterSeconds: 400 * 3.6,
      buckets: [{ remaining: 15 }, { remaining: 300 }],
    })
  })

  test('gives back what is charged with a negative cost, up to the full bucket', async () => {
    const limiter = createRateLimiter({ link: null, replicas: 1, memory: createMemoryBuckets(() => 0) })
    await limiter.charge([bucket('user', 10, 8)])
    expect((await limiter.charge([bucket('user', 10, -5)])).buckets[0]?.remaining).toBe(7)
    expect((await limiter.charge([bucket('user', 10, -5)])).buckets[0]?.remaining).toBe(10)
  })

  test('does not refuse for ever what can never be allowed: it says so', async () => {
    const { link } = await newLink()
    for (const limiter of [createRateLimiter({ link, replicas: 1 }), createRateLimiter({ link: null, replicas: 1 })]) {
      await expect(limiter.charge([bucket('user', 10, 10.5)])).rejects.toMatchObject({
        code: 'too_large',
        message: expect.stringContaining('user'),
      })
      expect((await limiter.charge([bucket('user', 10, 10)])).allowed).toBe(true)
    }
  })

  test('without Redis allows each process its share, and Redis counts again when it is back', async () => {
    const { link, state } = await newLink()
    const replicas = Array.from({ length: 4 }, () => createRateLimiter({ link, replicas: 4 }))
    const user = () => bucket('user', 100, 1)
    expect(await allowedOf(replicas, 70, [user()])).toBe(70)
    state.away = true
    expect(await allowedOf([replicas[0]!], 200, [user()])).toBe(25)
    expect(await allowedOf(replicas, 800, [user()])).toBe(75)
    // What costs more than a share does not wait for ever either.
    const large = { ...bucket('large', 100, 90), key: randomUUID() }
    expect((await replicas[0]!.charge([large])).allowed).toBe(true)
    expect((await replicas[0]!.charge([large])).allowed).toBe(false)
    state.away = false
    expect(await allowedOf(replicas, 200, [user()])).toBe(30)
  })

  test('goes on by itself, and tells, when Redis refuses for reasons of its own', async () => {
    const { link, redis } = await newLink()
    const errors: unknown[] = []
    const limiter = createRateLimiter({ link, replicas: 2, onError: (error) => errors.push(error) })
    await redis.config('SET', 'maxmemory', '1')
    await redis.config('SET', 'maxmemory-policy', 'noeviction')
    expect(await allowedOf([limiter], 30, [bucket('user', 20, 1)])).toBe(10)
    expect(errors.map(String)).toEqual([expect.stringContaining('OOM')])
  })

  test('keeps its buckets under keys that are known', () => {
    const orgId = randomUUID() as OrgId
    const keys = [
      bucketKey.actor(orgId, randomUUID()),
      bucketKey.organisation(orgId),
      bucketKey.person(randomUUID()),
      bucketKey.address('192.0.2.1'),
    ]
    expect(keys).toHaveLength(Object.keys(bucketKey).length)
    expect(keys.filter((key) => !isKnownRedisKey(key))).toEqual([])
    expect(isKnownRedisKey('limit:person:ada')).toBe(false)
  })
})

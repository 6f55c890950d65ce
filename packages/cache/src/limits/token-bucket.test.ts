import { randomUUID } from 'node:crypto'
import { assert, asyncProperty, array, constantFrom, integer, record, uniqueArray } from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestRedis, type TestRedis } from '../testing/index.ts'
import { createMemoryBuckets } from './memory-buckets.ts'
import { chargeInRedis } from './redis-buckets.ts'
import { TOKEN_BUCKET_SCRIPT } from './token-bucket-script.ts'

let server: TestRedis
let redis: Redis
beforeAll(async () => {
  server = await startTestRedis()
  redis = new Redis(server.adapter.url)
})
afterAll(async () => {
  redis.disconnect()
  await server.close()
})

/** The script with a clock that the test sets: nothing else of it differs. */
const CLOCK = "local time = redis.call('TIME')"
const timeless = TOKEN_BUCKET_SCRIPT.replace(CLOCK, 'local time = { ARGV[#ARGV - 1], ARGV[#ARGV] }')

const SECOND_US = 1_000_000
const LIMITS = [
  { name: 'user', capacity: 60, refillUs: 60 * SECOND_US },
  { name: 'organisation', capacity: 1000, refillUs: 3600 * SECOND_US },
  { name: 'odd', capacity: 7, refillUs: 13 * SECOND_US },
] as const
const COSTS = [0, 0.1, 0.25, 1 / 3, 1, 6.9, -1] as const

const call = record({
  passUs: constantFrom(0, 1, 1000, 77_777, SECOND_US, 20 * SECOND_US, -5 * SECOND_US),
  charges: uniqueArray(record({ limit: integer({ min: 0, max: 2 }), cost: constantFrom(...COSTS) }), {
    minLength: 1,
    selector: ({ limit }) => limit,
  }),
})

describe('a token bucket', () => {
  test('is the same in Redis and in memory, to the microsecond', async () => {
    expect(timeless).not.toBe(TOKEN_BUCKET_SCRIPT)
    let refused = 0
    await assert(
      asyncProperty(array(call, { minLength: 1, maxLength: 60 }), async (calls) => {
        const run = randomUUID()
        let nowUs = 1_790_000_000 * SECOND_US + 123_456
        const memory = createMemoryBuckets(() => nowUs)
        for (const { passUs, charges } of calls) {
          nowUs += passUs
          const buckets = charges.map(({ limit, cost }) => {
            const { name, capacity, refillUs } = LIMITS[limit]!
            return { key: `${run}:${name}`, refillUs, costUs: (cost / capacity) * refillUs }
          })
          const args = buckets.flatMap(({ refillUs, costUs }) => [refillUs, costUs])
          const time = [Math.floor(nowUs / SECOND_US), nowUs % SECOND_US]
          const answer = await redis.eval(timeless, buckets.length, ...buckets.map(({ key }) => key), ...args, ...time)
          const { refusedBy, waitUs, missingUs } = memory.charge(buckets)
          expect(answer).toEqual([refusedBy + 1, waitUs, ...missingUs])
          if (refusedBy >= 0) refused++
        }
      }),
      { numRuns: 60 },
    )
    expect(refused).toBeGreaterThan(10)
  })

  test('gives what it holds at once, and then exactly what flows in', () => {
    let nowUs = 0
    const memory = createMemoryBuckets(() => nowUs)
    const take = () => memory.charge([{ key: 'a', refillUs: 60 * SECOND_US, costUs: SECOND_US / 4 }]).refusedBy < 0
    let allowed = 0
    while (take()) allowed++
    expect(allowed).toBe(240)
    for (nowUs = 0; nowUs <= 600 * SECOND_US; nowUs += 10_000) if (take()) allowed++
    expect(allowed).toBe(240 + 600 * 4)
  })

  test('says to the microsecond when the same call will be allowed', () => {
    let nowUs = 5
    const memory = createMemoryBuckets(() => nowUs)
    const take = () => memory.charge([{ key: 'a', refillUs: 10 * SECOND_US, costUs: 4 * SECOND_US }])
    expect([take().waitUs, take().waitUs, take().waitUs]).toEqual([0, 0, 2 * SECOND_US])
    nowUs += 2 * SECOND_US - 2
    expect(take().refusedBy).toBe(0)
    nowUs += 2
    expect(take().refusedBy).toBe(-1)
  })

  test('never gives more than twice its size in any window of its refill time', () => {
    let nowUs = 0
    const memory = createMemoryBuckets(() => nowUs)
    const times: number[] = []
    // Full at the edge of a window, and as fast as can be after it.
    for (nowUs = 59 * SECOND_US; nowUs < 180 * SECOND_US; nowUs += 50_000)
      if (memory.charge([{ key: 'a', refillUs: 60 * SECOND_US, costUs: SECOND_US }]).refusedBy < 0) times.push(nowUs)
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60 * SECOND_US).length))
    expect(most).toBeGreaterThan(60)
    expect(most).toBeLessThanOrEqual(120)
  })

  test('keeps no more buckets than it may; one that is used stays', () => {
    const memory = createMemoryBuckets(() => 0, 1000)
    const take = (key: string) => memory.charge([{ key, refillUs: SECOND_US, costUs: SECOND_US }]).refusedBy
    expect(take('mine')).toBe(-1)
    for (let i = 0; i < 5000; i++) {
      take(String(i))
      if (i % 500 === 0) take('mine')
    }
    expect(memory.size).toBe(1000)
    expect([take('4999'), take('mine'), take('0')]).toEqual([0, 0, -1])
  })
})

describe('the script', () => {
  const bucket = (costUs: number, key: string = randomUUID()) => ({ key, refillUs: 2 * SECOND_US, costUs })

  test('is loaded again by a Redis that does not know it', async () => {
    await redis.script('FLUSH')
    expect((await chargeInRedis(redis, [bucket(1)])).refusedBy).toBe(-1)
    expect((await chargeInRedis(redis, [bucket(1)])).refusedBy).toBe(-1)
  })

  test('writes nothing for who is refused, and for who only looks', async () => {
    const [a, b] = [bucket(SECOND_US), bucket(3 * SECOND_US)]
    expect((await chargeInRedis(redis, [a, b])).refusedBy).toBe(1)
    await chargeInRedis(redis, [bucket(0, a.key)])
    expect(await redis.exists(a.key, b.key)).toBe(0)
  })

  test('leaves no key behind that means nothing: it is gone when the bucket is full, and not before', async () => {
    const { key } = bucket(0)
    await chargeInRedis(redis, [bucket(1.5 * SECOND_US, key)])
    const ttl = await redis.pttl(key)
    expect(ttl).toBeGreaterThan(1500)
    expect(ttl).toBeLessThanOrEqual(2500)
  })

  test('takes what somebody else wrote there for a full bucket', async () => {
    const { key } = bucket(0)
    await redis.set(key, 'nonsense')
    expect((await chargeInRedis(redis, [bucket(2 * SECOND_US, key)])).refusedBy).toBe(-1)
    expect((await chargeInRedis(redis, [bucket(SECOND_US, key)])).refusedBy).toBe(0)
  })
})

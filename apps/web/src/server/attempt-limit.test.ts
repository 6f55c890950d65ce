import { openRedisLink, type RedisLink } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createAccountLimits } from './account-limits.ts'
import { createAttemptLimit, type AttemptLimit } from './attempt-limit.ts'

const waitsOf = async (limits: readonly AttemptLimit[], key: string, attempts: number) => {
  const waits: number[] = []
  for (let i = 0; i < attempts; i++) waits.push(await limits[i % limits.length]!.count(key))
  return waits
}
const allowedOf = async (limits: readonly AttemptLimit[], key: string, attempts: number) =>
  (await waitsOf(limits, key, attempts)).filter((wait) => wait === 0).length

describe('a limit of attempts in one process', () => {
  const alone = { name: 'x', redis: null, replicas: 1 }

  it('lets so many of one key through in a window, and then says how long to wait', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const limit = createAttemptLimit({ ...alone, attempts: 10, windowSeconds: 60 })
    expect(await waitsOf([limit], 'a', 12)).toEqual([...Array.from({ length: 10 }, () => 0), 60, 60])
    expect(await limit.count('b')).toBe(0)
    vi.advanceTimersByTime(59_000)
    expect(await limit.count('a')).toBe(1)
    vi.advanceTimersByTime(1_001)
    expect(await limit.count('a')).toBe(0)
  })

  it('does not count what is taken back', async () => {
    const limit = createAttemptLimit({ ...alone, attempts: 2, windowSeconds: 60 })
    for (let i = 0; i < 10; i++) {
      expect(await limit.count('a')).toBe(0)
      await limit.refund('a')
    }
    expect(await allowedOf([limit], 'a', 5)).toBe(2)
  })

  it('remembers ten thousand keys at most; one that is tried again and again stays', async () => {
    const limit = createAttemptLimit({ ...alone, attempts: 1, windowSeconds: 60 })
    await limit.count('first')
    await limit.count('victim')
    for (let i = 0; i < 10_000; i++) {
      await limit.count(String(i))
      if (i % 1_000 === 0) expect(await limit.count('victim')).toBeGreaterThan(0)
    }
    expect(await limit.count('victim')).toBeGreaterThan(0)
    expect(await limit.count('first')).toBe(0)
    expect(await limit.count('9999')).toBeGreaterThan(0)
  })
})

describe('check 16: attempts to sign in on several replicas', () => {
  let server: TestRedis
  let links: readonly RedisLink[]
  beforeAll(async () => {
    server = await startTestRedis()
    links = [0, 1, 2].map(() => openRedisLink(server.adapter))
  })
  afterAll(async () => {
    await Promise.all(links.map((link) => link.close()))
    await server.close()
  })
  const replicas = (attempts: number) =>
    links.map((redis) => createAttemptLimit({ name: 'r', attempts, windowSeconds: 900, redis, replicas: 3 }))

  it('control: counts the attempts of all of them, and takes back on any', async () => {
    const limits = replicas(10)
    expect(await allowedOf(limits, 'a', 30)).toBe(10)
    await limits[0]!.refund('b')
    expect(await limits[2]!.count('a')).toBeGreaterThan(850)
  })

  it('keeps its numbers while Redis stands still or is gone, each process its share, and goes on when it is back', async () => {
    const limits = replicas(12)
    expect(await allowedOf(limits, 'frozen', 2)).toBe(2)
    server.freeze()
    try {
      expect(await allowedOf(limits, 'frozen', 60)).toBe(12)
    } finally {
      server.thaw()
    }
    await server.kill()
    expect(await allowedOf(limits, 'gone', 60)).toBe(12)
    await server.restart()
    await vi.waitUntil(() => links.every(({ state }) => state === 'closed'), { timeout: 20_000, interval: 20 })
    expect(await allowedOf(limits, 'gone', 60)).toBe(12)
  })

  it('of an account keeps no address that anybody could read', async () => {
    const redis = links[0]!
    await redis.run((client) => client.flushall())
    const limits = createAccountLimits({ redis, replicas: 3 }, 'a secret of the tests')
    await limits.beforeSignIn('Ada@Quarry.test ', '192.0.2.1')
    await limits.beforeSignUp('192.0.2.1')
    const keys = await redis.run((client) => client.keys('*'))
    expect(keys.toSorted()).toEqual([
      expect.stringMatching(/^signin:account:[\w-]{43}$/),
      'signin:network:192.0.2.1',
      'signin:sign-up:192.0.2.1',
    ])
    for (const key of keys) expect(await redis.run((client) => client.ttl(key))).toBeGreaterThan(800)
    await limits.afterSignIn('ada@quarry.test', '192.0.2.1')
    expect(await redis.run((client) => client.mget(keys.toSorted()))).toEqual(['0', '0', '1'])
  })
})

describe('signing in', () => {
  const limits = () => createAccountLimits({ redis: null, replicas: 1 }, 'a secret of the tests')
  const attempt = async (on: ReturnType<typeof limits>, email: string, network: string): Promise<boolean> =>
    on.beforeSignIn(email, network).then(
      () => true,
      () => false,
    )

  it('lets ten guesses at one account through in fifteen minutes, from wherever they come', async () => {
    const on = limits()
    let reached = 0
    for (let i = 0; i < 1000; i++) if (await attempt(on, 'ada@quarry.test', `192.0.2.${i % 250}`)) reached++
    expect(reached).toBe(10)
  })

  it('does not start over for whoever guesses when the person signs in', async () => {
    const on = limits()
    let reached = 0
    for (let i = 0; i < 60; i++) {
      if (await attempt(on, 'ada@quarry.test', `192.0.2.${i}`)) reached++
      // The person, in between, with the right password.
      if (i % 4 === 0 && (await attempt(on, 'ada@quarry.test', '198.51.100.7')))
        await on.afterSignIn('ada@quarry.test', '198.51.100.7')
    }
    expect(reached).toBe(10)
  })

  it('lets fifty guesses of one network through, at whatever accounts, and as many as wanted that are right', async () => {
    const on = limits()
    for (let i = 0; i < 200; i++) {
      expect(await attempt(on, `${i}@quarry.test`, '192.0.2.1')).toBe(true)
      await on.afterSignIn(`${i}@quarry.test`, '192.0.2.1')
    }
    let reached = 0
    for (let i = 0; i < 100; i++) if (await attempt(on, `other-${i}@quarry.test`, '192.0.2.1')) reached++
    expect(reached).toBe(50)
  })
})

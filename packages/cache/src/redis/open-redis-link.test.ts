import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startSlowProxy, startTestRedis } from '../testing/index.ts'
import { FAILURES_TO_OPEN } from './breaker.ts'
import { openRedisLink, type RedisLinkOptions } from './open-redis-link.ts'
import { RedisUnavailable, type RedisLink } from './redis-link.ts'
import { redisScript } from './script.ts'

/** After a recovery a Redis must be used again within it (checks of Redis faults); a machine under load included. */
const RECOVERY_MS = 15_000
/** Two commands of a call may wait for a Redis that has gone silent. */
const MOST_ADDED_MS = 300

const setUp = async (options?: RedisLinkOptions) => {
  const server = await startTestRedis()
  const proxy = await startSlowProxy(server.port)
  const states: string[] = []
  const link = openRedisLink(
    { url: proxy.url, maxConnections: 2 },
    { ...options, onState: (state) => states.push(state) },
  )
  onTestFinished(async () => {
    await link.close()
    await proxy.close()
    server.thaw()
    await server.close()
  })
  return { server, proxy, link, states }
}

const ping = (link: RedisLink) => link.run((redis) => redis.ping())
const answers = (link: RedisLink, timeout = RECOVERY_MS) =>
  vi.waitFor(async () => expect(await ping(link)).toBe('PONG'), { timeout, interval: 20 })
/** What a command costs, and that it was refused. */
const refusedAfterMs = async (link: RedisLink): Promise<number> => {
  const start = performance.now()
  await expect(ping(link)).rejects.toBeInstanceOf(RedisUnavailable)
  return performance.now() - start
}

describe('a link to Redis', () => {
  test('connects with the first command, pipelines over one connection, and is silent about error replies', async () => {
    const { link, proxy, states } = await setUp()
    expect(proxy.mostOpen).toBe(0)
    const many = await Promise.all(
      Array.from({ length: 200 }, (_, i) => link.run((redis) => redis.set(`version:${i}`, i))),
    )
    expect(new Set(many)).toEqual(new Set(['OK']))
    for (let i = 0; i < 2 * FAILURES_TO_OPEN; i++)
      await expect(
        link.run((redis) => redis.incr('version:x').then(() => redis.lpush('version:x', 1))),
      ).rejects.toThrow('WRONGTYPE')
    expect(link.state).toBe('closed')
    expect(proxy.mostOpen).toBe(1)
    expect(states).toEqual([])
  })

  test('of a Redis that is not there refuses at once, without an unhandled rejection, and finds it once it is', async () => {
    const { server, link, states } = await setUp()
    await server.kill()
    const first = await Promise.allSettled(Array.from({ length: 50 }, () => ping(link)))
    expect(first.every((one) => one.status === 'rejected')).toBe(true)
    expect(link.state).not.toBe('closed')
    expect(await refusedAfterMs(link)).toBeLessThan(MOST_ADDED_MS)
    await server.restart()
    await answers(link)
    expect(states).toEqual(['open', 'closed'])
  })

  test('is given up when its connection ends, and taken up again', async () => {
    const { server, link, states } = await setUp()
    await answers(link)
    const recovered = vi.fn<() => void>()
    link.onRecovery(recovered)
    await server.kill()
    await vi.waitFor(() => expect(link.state).toBe('open'), { timeout: 10_000 })
    await server.restart()
    await answers(link)
    expect(states).toEqual(['open', 'closed'])
    expect(recovered).toHaveBeenCalledOnce()
  })

  test('opens its breaker after five commands that a frozen Redis does not answer, and closes it after', async () => {
    const { server, link } = await setUp()
    await answers(link)
    server.freeze()
    for (let i = 0; i < FAILURES_TO_OPEN; i++) {
      expect(link.state).toBe('closed')
      await expect(ping(link)).rejects.toBeInstanceOf(RedisUnavailable)
    }
    expect(link.state).toBe('open')
    expect(await refusedAfterMs(link)).toBeLessThan(MOST_ADDED_MS)
    server.thaw()
    await answers(link)
  })

  test('cuts a connection that a black hole has swallowed: the old one stays silent for ever', async () => {
    const { link, proxy } = await setUp({ connectTimeoutMs: 500 })
    await answers(link)
    proxy.pass('silence')
    await Promise.allSettled(Array.from({ length: FAILURES_TO_OPEN }, () => ping(link)))
    expect(link.state).not.toBe('closed')
    // Not one byte of the old connection passes any more: only a new one can answer.
    proxy.dropHeld()
    proxy.pass({ delayMs: 0 })
    await answers(link)
    expect(proxy.mostOpen).toBe(1)
  })

  test('of a Redis that is 2 s slow is open, and each call is told so at once', async () => {
    const { link, proxy } = await setUp()
    await answers(link)
    proxy.pass({ delayMs: 2_000 })
    await Promise.allSettled(Array.from({ length: FAILURES_TO_OPEN }, () => ping(link)))
    const costs: number[] = []
    for (let i = 0; i < 100; i++) {
      costs.push(await refusedAfterMs(link))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(costs.toSorted((a, b) => a - b)[94]).toBeLessThan(MOST_ADDED_MS)
    expect(link.state).not.toBe('closed')
    proxy.pass({ delayMs: 0 })
    await answers(link)
  })

  test('survives a Redis that comes and goes', async () => {
    const { link, proxy } = await setUp()
    await answers(link)
    for (let i = 0; i < 5; i++) {
      proxy.pass('refuse')
      await vi.waitFor(() => expect(link.state).not.toBe('closed'), { timeout: 10_000 })
      proxy.pass({ delayMs: 0 })
      await answers(link)
    }
    expect(proxy.mostOpen).toBe(1)
  })

  test('waits longer for each next look while Redis is away', async () => {
    const { link, proxy } = await setUp()
    await answers(link)
    proxy.pass('refuse')
    await vi.waitFor(() => expect(link.state).not.toBe('closed'), { timeout: 10_000 })
    // 100, 200, 400, 800 ms with 20 % less: at most four looks fit in a second.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(proxy.refused).toBeLessThanOrEqual(5)
  })

  test('loads its scripts again after Redis has forgotten them', async () => {
    const { link } = await setUp()
    const script = redisScript('return {KEYS[1], ARGV[1]}')
    const run = () => link.run((redis) => script(redis, ['version:a'], ['1790000000000001']))
    expect(await run()).toEqual(['version:a', '1790000000000001'])
    await link.run((redis) => redis.script('FLUSH'))
    expect(await run()).toEqual(['version:a', '1790000000000001'])
  })

  test('is closed for good', async () => {
    const { link, proxy } = await setUp()
    await answers(link)
    link.subscribe('version', () => undefined)
    await vi.waitFor(() => expect(proxy.open).toBe(2), { timeout: 10_000 })
    await link.close()
    await expect(ping(link)).rejects.toBeInstanceOf(RedisUnavailable)
    await vi.waitFor(() => expect(proxy.open).toBe(0), { timeout: 10_000 })
  })
})

describe('messages over a link', () => {
  const newListener = () => vi.fn<(message: string) => void>()
  const subscribed = async (link: RedisLink, channel: string) =>
    vi.waitFor(async () => expect(await link.run((redis) => redis.publish(channel, 'now?'))).toBe(1), {
      timeout: RECOVERY_MS,
      interval: 20,
    })

  test('reach each listener until it leaves', async () => {
    const { link, proxy } = await setUp()
    const [a, b, other] = [newListener(), newListener(), newListener()]
    const leave = link.subscribe('version', a)
    link.subscribe('version', b)
    link.subscribe('other', other)
    await subscribed(link, 'version')
    leave()
    await link.run((redis) => redis.publish('version', 'x'))
    await vi.waitFor(() => expect(b).toHaveBeenCalledWith('x'), { timeout: 10_000 })
    expect(a).not.toHaveBeenCalledWith('x')
    expect(other).not.toHaveBeenCalled()
    expect(proxy.mostOpen).toBe(2)
  })

  test('come again after the connection was lost, and that is told', async () => {
    const { server, link } = await setUp()
    const heard = newListener()
    const recovered = vi.fn<() => void>()
    link.subscribe('version', heard)
    link.onRecovery(recovered)
    await subscribed(link, 'version')
    await link.run((redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'))
    await vi.waitFor(() => expect(recovered).toHaveBeenCalled(), { timeout: 10_000 })
    await server.restart()
    await subscribed(link, 'version')
    await link.run((redis) => redis.publish('version', 'again'))
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('again'), { timeout: 10_000 })
  })

  test('are looked for in growing pauses where Redis has never been there', async () => {
    const { link, proxy } = await setUp()
    proxy.pass('refuse')
    link.subscribe('version', newListener())
    // At once, and then as the connection of commands does.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(proxy.refused).toBeGreaterThan(1)
    expect(proxy.refused).toBeLessThanOrEqual(5)
    proxy.pass({ delayMs: 0 })
    await subscribed(link, 'version')
  })
})

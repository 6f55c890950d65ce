import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startTestRedis } from './test-redis.ts'

test('a Redis of its own starts, answers, forgets at a restart, and is gone at the end', async () => {
  const server = await startTestRedis()
  const ask = async () => {
    const redis = new Redis(server.adapter.url, { lazyConnect: true, retryStrategy: () => null })
    redis.on('error', () => undefined)
    try {
      await redis.connect()
      const before = await redis.get('x')
      await redis.set('x', '1')
      return before
    } finally {
      redis.disconnect()
    }
  }
  expect(await ask()).toBeNull()
  expect(await ask()).toBe('1')
  await server.restart()
  expect(await ask()).toBeNull()
  await server.close()
  await expect(ask()).rejects.toThrow()
})

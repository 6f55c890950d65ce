import { afterAll, beforeAll } from 'vitest'
import { openRedisLink } from '../../redis/open-redis-link.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { startTestRedis, type TestRedis } from '../test-redis.ts'

/** A Redis for the tests of one file; slow answers are no outage there, for the model has outages of its own. */
export const withModelRedis = (): (() => RedisLink) => {
  let server: TestRedis | undefined
  let link: RedisLink | undefined
  beforeAll(async () => {
    server = await startTestRedis()
    link = openRedisLink(server.adapter, { commandDeadlineMs: 60_000 })
  })
  afterAll(async () => {
    await link?.close()
    await server?.close()
  })
  return () => link!
}

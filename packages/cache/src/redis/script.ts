import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

/**
 * A Lua script, sent by its hash; whole where the server does not know it (yet, or any more). Give numbers that Lua
 * must not round as strings: what it computes is a double.
 */
export const redisScript = (lua: string) => {
  const sha = createHash('sha1').update(lua).digest('hex')
  return async (redis: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return redis.eval(lua, keys.length, ...keys, ...args)
    }
  }
}

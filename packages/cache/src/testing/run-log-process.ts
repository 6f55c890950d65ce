import { onTestFinished } from 'vitest'
import type { RedisAdapter } from '@quarry/config'
import { openRedisLink } from '../redis/open-redis-link.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { createRedisRunLog, type RedisRunLogOptions } from '../runs/redis-run-log.ts'

/** A process as far as the run log goes: a link of its own, and its log. Ends with the test. */
export const runLogProcess = (
  adapter: RedisAdapter,
  options: RedisRunLogOptions = {},
): { readonly link: RedisLink; readonly log: ReturnType<typeof createRedisRunLog> } => {
  const link = openRedisLink(adapter)
  const log = createRedisRunLog(link, adapter, options)
  onTestFinished(async () => {
    void log.close()
    await link.close()
  })
  return { link, log }
}

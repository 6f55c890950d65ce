import type { RedisAdapter } from '@quarry/config'
import type { RedisLink } from '../redis/redis-link.ts'
import type { RunLog } from '../run-log.ts'
import { createMemoryRunLog } from './memory-run-log.ts'
import { createRedisRunLog, type RedisRunLogOptions } from './redis-run-log.ts'

/** The run log of this process: the one that replicas share, or its own where there is no Redis and one web process. */
export const openRunLog = (
  link: RedisLink | null,
  adapter: RedisAdapter | null,
  options: RedisRunLogOptions = {},
): RunLog => (link !== null && adapter !== null ? createRedisRunLog(link, adapter, options) : createMemoryRunLog())

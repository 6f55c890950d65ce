import { openRedisLink, type RedisLink } from '@quarry/cache'
import type { Adapters } from '@quarry/config'
import type { Logger, Metrics } from '@quarry/observability'
import { redisObserver } from '../observe/watch-resources.ts'

/** The way to Redis of this process; null where none is configured. Opens nothing yet. */
export const openRedis = ({ redis }: Pick<Adapters, 'redis'>, logger: Logger, metrics: Metrics): RedisLink | null =>
  redis &&
  openRedisLink(redis, {
    onRun: redisObserver(metrics),
    onState: (state, err) =>
      state === 'closed'
        ? logger.info('Redis is back')
        : logger.warn({ err }, 'Redis does not answer: everything goes on without it, more slowly'),
  })

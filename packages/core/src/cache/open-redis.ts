import { openRedisLink, type RedisLink } from '@quarry/cache'
import type { Adapters } from '@quarry/config'
import type { Logger } from '@quarry/observability'

/** The way to Redis of this process; null where none is configured. Opens nothing yet. */
export const openRedis = ({ redis }: Pick<Adapters, 'redis'>, logger: Logger): RedisLink | null =>
  redis &&
  openRedisLink(redis, {
    onState: (state, err) =>
      state === 'closed'
        ? logger.info('Redis is back')
        : logger.warn({ err }, 'Redis does not answer: everything goes on without it, more slowly'),
  })

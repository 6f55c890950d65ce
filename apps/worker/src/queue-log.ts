import { Logger as QueueLogger } from 'graphile-worker'
import type { Logger } from '@quarry/observability'

/** graphile-worker's own lines, in our format. What it calls information is for the times when one looks for a fault. */
export const queueLogger = (logger: Logger) =>
  new QueueLogger(() => (level, message) => {
    const text = message.slice(0, 500)
    if (level === 'error') logger.warn({ queue: true }, text)
    else if (level === 'warning') logger.debug({ queue: true }, text)
    else logger.trace({ queue: true }, text)
  })

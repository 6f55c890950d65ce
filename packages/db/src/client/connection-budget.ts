import { AppConfigError, type DatabasePool } from '@quarry/config'

/** One that takes jobs and writes their ends, one for heartbeats while the other is busy; both are lent for milliseconds. */
const QUEUE_WORK = 2

export interface WorkerConnections {
  readonly database: DatabasePool
  /** Most connections of graphile-worker's own pool. */
  readonly queue: number
}

/**
 * Divides what a worker may open between its two drivers, so that both together stay within it. Each runner of the queue
 * listens on a connection for good and needs one more only for moments, which it shares with the others: so the queue
 * takes few, and the transactions of jobs get the rest. With the least each side does one thing at a time.
 *
 * @throws AppConfigError where a side would have none
 */
export const splitConnections = (pool: DatabasePool, queueRunners: number): WorkerConnections => {
  const least = queueRunners + 2
  if (pool.max < least)
    throw new AppConfigError([
      `DB_POOL_SIZE must be at least ${least} for a worker: ${queueRunners} listen to the queue, one works for it, one is for documents`,
    ])
  const queue = Math.max(queueRunners + 1, Math.min(queueRunners + QUEUE_WORK, pool.max - 2))
  return { database: { ...pool, max: pool.max - queue }, queue }
}

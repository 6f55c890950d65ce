import type { WorkerEvents } from 'graphile-worker'

export interface BulkGate {
  /** For graphile-worker's `forbiddenFlags`: what the look that begins now does not take. */
  readonly forbidden: () => string[]
}

/**
 * Keeps places of a runner free from bulk, so that what somebody waits for finds one at once. graphile-worker asks what it
 * may not take, looks, and says what it took, each with an event of the place that looks: a look that may bring a bulk job
 * counts as one until it has ended.
 *
 * @param most bulk jobs at the same time
 * @param always flags that nobody takes, whatever the place
 */
export const createBulkGate = (events: WorkerEvents, most: number, always: () => readonly string[]): BulkGate => {
  const looking = new Set<string>()
  const running = new Set<string>()
  let lastIsOpen = false
  const ended = ({ worker }: { worker: { workerId: string } }) => looking.delete(worker.workerId)
  events.on('worker:getJob:start', ({ worker }) => {
    // Follows the answer below at once, in the same turn.
    if (lastIsOpen) looking.add(worker.workerId)
  })
  events.on('worker:getJob:empty', ended)
  events.on('worker:getJob:error', ended)
  events.on('job:start', ({ worker, job }) => {
    looking.delete(worker.workerId)
    if (job.flags?.['bulk'] === true) running.add(worker.workerId)
  })
  events.on('job:complete', ({ worker }) => running.delete(worker.workerId))
  return {
    forbidden: () => {
      lastIsOpen = looking.size + running.size < most
      return lastIsOpen ? [...always()] : [...always(), 'bulk']
    },
  }
}

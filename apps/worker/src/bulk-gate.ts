import type { WorkerEvents } from 'graphile-worker'

export interface BulkGate {
  /** For graphile-worker's `forbiddenFlags`: what the look that begins now does not take. */
  readonly forbidden: () => string[]
}

/**
 * Keeps places of a runner free from bulk, so that what somebody waits for finds one at once. graphile-worker asks what it
 * may not take, looks, and says what it took, each with an event of the place that looks: a look that may bring a bulk job
 * counts as one until it has ended. Only the first looks of a runner have a pause between the answer and the look: all
 * places ask before any looks, and nobody says which of them looks with which answer. So each first look counts.
 *
 * @param most bulk jobs at the same time
 * @param always flags that nobody takes, whatever the place
 */
export const createBulkGate = (events: WorkerEvents, most: number, always: () => readonly string[]): BulkGate => {
  const looking = new Set<string>()
  const running = new Set<string>()
  const begun = new Set<string>()
  /** Answers that let bulk in whose looks have not begun. */
  let promised = 0
  let lastIsOpen = false
  const ended = ({ worker }: { worker: { workerId: string } }) => looking.delete(worker.workerId)
  events.on('worker:getJob:start', ({ worker }) => {
    const isFirst = !begun.has(worker.workerId)
    begun.add(worker.workerId)
    // After the first look this follows the answer below at once, in the same turn.
    if (!isFirst && !lastIsOpen) return
    promised = Math.max(0, promised - 1)
    looking.add(worker.workerId)
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
      lastIsOpen = promised + looking.size + running.size < most
      if (lastIsOpen) promised++
      return lastIsOpen ? [...always()] : [...always(), 'bulk']
    },
  }
}

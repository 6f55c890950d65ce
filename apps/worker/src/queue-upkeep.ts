import type { WorkerCore } from '@quarry/core/worker'
import type { JobMetrics, Logger } from '@quarry/observability'
import { repeat, type Repeated } from './repeat.ts'

/** What comes back after an error waits for this look, and so does what two transactions left to each other. */
const ADMIT_MS = 1_000
const MISSING_MS = 30_000
const DEPTH_MS = 10_000

/** Sees to the queue as a whole: every worker does, and none of it does harm when two do it at the same time. */
export const startUpkeep = (core: WorkerCore, metrics: JobMetrics, logger: Logger): Repeated => {
  const requeue = async () => {
    const requeued = await core.jobs.requeueMissing()
    if (requeued > 0) logger.warn({ requeued }, 'jobs that the queue had lost were put back')
  }
  const measure = async () =>
    metrics.depth((await core.jobs.depth()).map((row) => ({ ...row, oldestSeconds: row.oldest_ms / 1_000 })))
  const all = [
    repeat(() => core.jobs.admitDue(), ADMIT_MS, 'letting jobs into the queue', logger),
    repeat(requeue, MISSING_MS, 'looking for jobs that the queue has lost', logger),
    repeat(measure, DEPTH_MS, 'measuring the queue', logger),
  ]
  return { stop: async () => void (await Promise.all(all.map((each) => each.stop()))) }
}

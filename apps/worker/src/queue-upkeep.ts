import type { WorkerCore } from '@quarry/core/worker'
import type { Logger, Metrics } from '@quarry/observability'
import { repeat, type Repeated } from './repeat.ts'

/** What comes back after an error waits for this look, and so does what two transactions left to each other. */
const ADMIT_MS = 1_000
const MISSING_MS = 30_000
const DEPTH_MS = 10_000

/** Sees to the queue as a whole: every worker does, and none of it does harm when two do it at the same time. */
export const startUpkeep = (core: WorkerCore, metrics: Metrics, logger: Logger): Repeated => {
  const requeue = async () => {
    const requeued = await core.jobs.requeueMissing()
    if (requeued > 0) logger.warn({ requeued }, 'jobs that the queue had lost were put back')
  }
  const measure = async () => {
    const rows = await core.jobs.depth()
    metrics.jobDepth.reset()
    metrics.jobOldestSeconds.reset()
    for (const { kind, state, count, oldest_ms } of rows) {
      metrics.jobDepth.set({ kind, state }, count)
      metrics.jobOldestSeconds.set({ kind, state }, oldest_ms / 1_000)
    }
  }
  const all = [
    repeat(() => core.jobs.admitDue(), ADMIT_MS, 'letting jobs into the queue', logger),
    repeat(requeue, MISSING_MS, 'looking for jobs that the queue has lost', logger),
    repeat(measure, DEPTH_MS, 'measuring the queue', logger),
  ]
  return { stop: async () => void (await Promise.all(all.map((each) => each.stop()))) }
}

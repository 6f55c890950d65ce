import { repairJobs } from './repair-jobs.ts'
import { repairRuns } from './repair-runs.ts'
import { repairVersions } from './repair-versions.ts'
import { loseCron } from './runs.ts'
import type { CronTask } from './task.ts'

/**
 * What is not over and has nobody who works on it is put back or ended. In an installation where nothing was killed all
 * counts stay at nought; that they grow is what an alert is for. Jobs first: of what they leave behind versions are next.
 */
export const reconcile: CronTask = async (deps, signal) => {
  const cron = await loseCron(deps.database)
  const jobs = await repairJobs(deps)
  const versions = await repairVersions(deps, signal)
  const runs = await repairRuns(deps, signal)
  // An embedding endpoint that is away is no reason to lose count of what was repaired.
  const embeddings = await deps.backfill().catch((err: unknown) => {
    deps.logger.warn({ err }, 'the semantic index could not be completed yet; it is tried again')
    return 0
  })
  return { cron, ...jobs, ...versions, ...runs, embeddings }
}

/** Counts that say that something was lost; documents that wait for a new model were not. */
export const REPAIRS = ['cron', 'job', 'jobEnded', 'version', 'versionFailed', 'run'] as const

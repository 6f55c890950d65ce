import { cronName, type CronName } from '@quarry/contracts'
import type { Metrics } from '@quarry/observability'
import { sweepUploads } from '../documents/sweep-uploads.ts'
import { reasonOf } from '../transfer/refusal.ts'
import { rollUpUsage } from '../usage/roll-up.ts'
import { backUpByClock } from './backup.ts'
import { removeDeletedOrganisations } from './deleted-organisations.ts'
import { sweepOrphanedBlobs } from './orphaned-blobs.ts'
import { reconcile, REPAIRS } from './reconcile.ts'
import { retain } from './retention.ts'
import { beginCron, endCron, lastSuccesses, type Counts, type CronStart } from './runs.ts'
import { deadlineOf } from './schedule.ts'
import type { CronDeps, CronTask } from './task.ts'

const TASKS: Record<CronName, CronTask> = {
  retention: retain,
  'orphaned-blobs': sweepOrphanedBlobs(),
  'expired-uploads': async (deps) => ({ uploads: await sweepUploads(deps) }),
  'usage-rollup': rollUpUsage,
  'deleted-organisations': removeDeletedOrganisations,
  backup: backUpByClock,
  reconcile,
}

export interface CronEnv extends CronDeps {
  readonly metrics: Metrics
  readonly tasks?: Partial<Record<CronName, CronTask>>
}

/**
 * Does one thing of the clock, and notes how it went. Throws nothing of the task's own: what failed is in its row, in the
 * log and in the metrics, and the next time tries again. `signal` ends it early; `'stopped'` then, so that it can be put
 * back: nobody else would do today what is done once a day. `'skipped'`: it was not to begin.
 */
export const runCron = async (
  env: CronEnv,
  start: CronStart,
  signal: AbortSignal,
): Promise<'succeeded' | 'failed' | 'stopped' | 'skipped'> => {
  const { database, logger, metrics } = env
  const { name, worker } = start
  const id = await beginCron(database, start)
  if (id === null) return 'skipped'
  const startedAt = performance.now()
  const deadline = AbortSignal.timeout(deadlineOf(name))
  const line = (counts: Counts) => ({ cron: name, ms: Math.round(performance.now() - startedAt), counts })
  try {
    const counts = await (env.tasks?.[name] ?? TASKS[name])(env, AbortSignal.any([signal, deadline]))
    await endCron(database, id, worker, { state: 'succeeded', counts, errorClass: null, errorMessage: null })
    report(env, name, counts)
    // What is done each minute and finds nothing is nobody's news.
    const level = Object.values(counts).some((count) => count > 0) ? 'info' : 'debug'
    logger[level](line(counts), 'the clock did its work')
    return 'succeeded'
  } catch (err) {
    const stopped = signal.aborted
    const failure = stopped ? STOPPED : failureOf(err, deadline.aborted)
    await endCron(database, id, worker, { state: stopped ? 'lost' : 'failed', counts: {}, ...failure }).catch(
      (error: unknown) => logger.warn({ err: error }, 'the end of what the clock did could not be noted'),
    )
    if (stopped) return 'stopped'
    metrics.cronFailures.inc({ name })
    logger.error({ ...line({}), err }, 'what the clock does has failed; the next time tries again')
    return 'failed'
  } finally {
    await noteSuccesses(env).catch((err: unknown) => logger.debug({ err }, 'the last successes could not be read'))
  }
}

/** So that the age of the last success can be told by every worker, also by one that has just begun. */
export const noteSuccesses = async ({ database, metrics }: Pick<CronEnv, 'database' | 'metrics'>): Promise<void> => {
  for (const [name, at] of await lastSuccesses(database)) metrics.cronSuccess.set({ name }, at.getTime() / 1000)
}

const STOPPED = { errorClass: 'worker_stopped', errorMessage: 'Its worker was stopped; another one begins anew.' }

/** Messages of the system and of the database name files and columns; values are not in them. */
const failureOf = (error: unknown, isLate: boolean): { errorClass: string; errorMessage: string } => {
  if (isLate) return { errorClass: 'deadline', errorMessage: 'It took longer than it may.' }
  return {
    errorClass: error instanceof Error ? error.name : 'Error',
    errorMessage: reasonOf(error).slice(0, LONGEST_MESSAGE),
  }
}
const LONGEST_MESSAGE = 500

const report = ({ metrics, logger }: CronEnv, name: CronName, counts: Counts): void => {
  if (name !== 'reconcile') return
  const repaired = REPAIRS.filter((kind) => (counts[kind] ?? 0) > 0)
  for (const kind of repaired) metrics.reconciled.inc({ kind }, counts[kind] ?? 0)
  if (repaired.length > 0) logger.warn({ counts }, 'what nobody worked on any more was repaired')
}

/** What a job of the queue says that is to be done; null where it says nothing that is known. */
export const cronOf = (payload: unknown): { name: CronName; runId: string | null; tick: Date | null } | null => {
  if (typeof payload !== 'object' || payload === null) return null
  const name = cronName.safeParse(Reflect.get(payload, 'name'))
  if (!name.success) return null
  const runId: unknown = Reflect.get(payload, 'runId')
  const cron: unknown = Reflect.get(payload, '_cron')
  const tick: unknown = typeof cron === 'object' && cron !== null ? Reflect.get(cron, 'ts') : undefined
  return {
    name: name.data,
    runId: typeof runId === 'string' ? runId : null,
    tick: typeof tick === 'string' ? new Date(tick) : null,
  }
}

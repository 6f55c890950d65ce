import { AppError, jobRunId, orgId as orgIdSchema, type JobRunId } from '@quarry/contracts'
import type { JobOutcome, StartedJob, WorkerCore } from '@quarry/core/worker'
import {
  isFinal,
  JobFailure,
  jobNamed,
  type JobContext,
  type JobEnd,
  type JobHandlers,
  type JobName,
  traceparentOf,
} from '@quarry/jobs'
import {
  createNotes,
  notedFields,
  startTrace,
  withRequestContext,
  type Logger,
  type Metrics,
} from '@quarry/observability'
import { JobCancelled, type Cancellations } from './cancellations.ts'
import { endSurely } from './end-surely.ts'
import { describeJobError } from './job-error.ts'
import { createJobReporter } from './job-reporter.ts'

/** A row of the queue, as far as a run needs it. */
export interface QueuedJob {
  readonly id: string
  /** What stands in the queue: whose the job is, and which row it has. What is to be done says the row. */
  readonly payload: unknown
}

export interface JobRunner {
  /**
   * Runs a job to the end of an attempt, which is then written. Returns when graphile-worker may forget its row, and throws
   * when it may not: another worker has the job, or it waits for another one.
   */
  run(name: JobName, job: QueuedJob, worker: string, shutdown: AbortSignal): Promise<void>
  /** Ends what a job was about that is not run again, such as one whose last attempt died with its worker. */
  bury(name: JobName, orgId: JobContext['actor']['orgId'], payload: unknown, end: JobEnd): Promise<void>
}

export interface JobRunnerOptions {
  readonly core: WorkerCore
  readonly handlers: JobHandlers
  readonly logger: Logger
  readonly metrics: Metrics
  readonly cancellations: Cancellations
}

/** Ending a job touches a few rows; whatever holds it up longer than this is the database, and the job waits for it. */
const BURY_TIMEOUT_MS = 60_000
/** Before another attempt: e seconds, e² seconds, …; after an hour whatever it was has been seen by somebody. */
const backOffMs = (attempt: number) => Math.min(Math.exp(attempt), 3_600) * 1_000

/** One way to run every job: tenant and payload from its row, history, log and metrics kept, final and passing errors told apart. */
export const createJobRunner = ({ core, handlers, logger, metrics, cancellations }: JobRunnerOptions): JobRunner => {
  // An alert waits for them to grow, which they have to be there for.
  for (const kind of Object.keys(handlers))
    for (const outcome of ['succeeded', 'failed']) metrics.jobAttempts.inc({ kind, outcome }, 0)
  const bury: JobRunner['bury'] = async (name, orgId, source, end) => {
    const payload = jobNamed(name).payload.safeParse(source)
    if (!payload.success) return
    const context = {
      ...{ actor: systemOf(orgId), signal: AbortSignal.timeout(BURY_TIMEOUT_MS), claim: null, bulk: false },
      report: () => undefined,
    }
    await handlers[name].exhausted(payload.data, context, end)
  }

  /** The attempt, from its first statement to how it ended. Throws what is to be tried again. */
  const attempt = async (
    name: JobName,
    id: JobRunId,
    orgId: JobContext['actor']['orgId'],
    started: StartedJob,
    worker: string,
    shutdown: AbortSignal,
  ): Promise<{ outcome: JobOutcome; error: unknown }> => {
    const definition = jobNamed(name)
    const payload = definition.payload.safeParse(started.payload)
    const failed = (error: unknown): { outcome: JobOutcome; error: unknown } => ({
      outcome: { state: 'failed', ...describeJobError(error) },
      error,
    })
    // Only a version that knows other jobs can have written it.
    if (!payload.success || started.kind !== name) return failed(new AppError('invalid_input'))
    if (started.verdict === 'spent') {
      await bury(name, orgId, payload.data, 'lost')
      return { outcome: { state: 'failed', ...LOST }, error: null }
    }
    const cancelled = cancellations.watch(id)
    const claim = { id, attempt: started.attempt }
    const taken = new AbortController()
    const actor = systemOf(orgId)
    /** Whose attempt is not the current one ends nothing: a successor is at what the job is about. */
    const buryOwn = async (end: JobEnd) => {
      if (await endSurely(() => core.jobs.holds(actor, claim, worker))) await bury(name, orgId, payload.data, end)
    }
    const reporter = createJobReporter(
      (stage, progress) => core.jobs.report(actor, claim, worker, stage, progress),
      () => taken.abort(new AppError('conflict')),
    )
    const context: JobContext = {
      ...{ actor, claim, bulk: started.bulk, report: reporter.report },
      signal: AbortSignal.any([
        ...[shutdown, cancelled.signal, taken.signal],
        AbortSignal.timeout(definition.deadlineMs),
      ]),
    }
    try {
      if (started.cancelled) throw new JobCancelled()
      await handlers[name].run(payload.data, context)
      return { outcome: { state: 'succeeded' }, error: null }
    } catch (error) {
      if (cancelled.signal.aborted || error instanceof JobCancelled) {
        await buryOwn('cancelled')
        return { outcome: { state: 'cancelled', errorClass: 'cancelled' }, error: null }
      }
      if (shutdown.aborted) return { outcome: { state: 'returned' }, error: null }
      if (!isFinal(error) && started.attempt < started.maxAttempts)
        return {
          outcome: { state: 'retrying', delayMs: backOffMs(started.attempt), ...describeJobError(error) },
          error,
        }
      await buryOwn('failed')
      return failed(error)
    } finally {
      cancelled.forget()
      await reporter.stop()
    }
  }

  return {
    bury,
    run: async (name, job, worker, shutdown) => {
      const orgId = orgOf(job.payload)
      const id = orgId === null ? null : (runOf(job.payload) ?? (await adopt(core, name, job, orgId)))
      const started =
        orgId === null || id === null ? null : await core.jobs.start(systemOf(orgId), id, { jobId: job.id, worker })
      if (orgId === null || id === null || started === null) {
        logger.error({ job: name, jobId: job.id }, 'a job is nobody’s, or not what it says, and was thrown away')
        return
      }
      const fields = { job: name, jobRunId: id, attempt: started.attempt, bulk: started.bulk }
      if (started.verdict === 'stale') {
        logger.info(fields, 'a job was over when its turn came')
        return
      }
      const span = startTrace(name, 'consumer', traceparentOf(started.payload), {
        'quarry.job_run_id': id,
        'quarry.org_id': orgId,
        'quarry.attempt': started.attempt,
      })
      const noted = createNotes()
      const frame = { requestId: `job-${id}`, orgId, notes: noted, ...(span && { span }) }
      await withRequestContext(frame, async () => {
        if (started.attempt === 1) metrics.jobWaitSeconds.observe({ kind: name }, started.waitedMs / 1_000)
        const began = performance.now()
        const { outcome, error } = await attempt(name, id, orgId, started, worker, shutdown)
        const ours = await endSurely(() =>
          core.jobs.end(systemOf(orgId), { id, attempt: started.attempt }, worker, outcome),
        )
        const ms = Math.round(performance.now() - began)
        const state = ours ? outcome.state : 'fenced'
        metrics.jobSeconds.observe({ kind: name, outcome: state }, ms / 1_000)
        metrics.jobAttempts.inc({ kind: name, outcome: state })
        span?.end(state === 'succeeded' ? undefined : state)
        const line = { ...fields, ms, outcome: state, ...notedFields(noted), ...(error !== null && { err: error }) }
        // A file that cannot be read is nobody's fault here.
        const isExpected = error instanceof JobFailure || (error instanceof AppError && error.code === 'not_found')
        if (state === 'failed' && !isExpected) logger.error(line, ENDED[state])
        else if (state === 'retrying' || state === 'fenced') logger.warn(line, ENDED[state])
        else logger.info(line, ENDED[state])
        // Its row in the queue is another worker's, or waits for one: graphile-worker would delete it if this returned.
        if (state === 'fenced' || state === 'returned') throw new AppError('conflict', { message: ENDED[state] })
      })
    },
  }
}

const ENDED = {
  succeeded: 'job done',
  failed: 'a job has failed, and is not tried again',
  cancelled: 'job cancelled',
  retrying: 'job will be tried again',
  returned: 'job given back',
  fenced: 'a job was taken over by another worker; what it did here does not count',
} as const

/** What people see of a job that takes its workers along. */
export const LOST = {
  errorClass: 'worker_lost',
  errorMessage: 'The worker that ran it was lost again and again.',
} as const

const systemOf = (orgId: JobContext['actor']['orgId']): JobContext['actor'] => ({
  ...{ kind: 'system', id: null, orgId, role: 'owner' },
})

const field = (payload: unknown, name: string): unknown =>
  typeof payload === 'object' && payload !== null ? Reflect.get(payload, name) : undefined
const orgOf = (payload: unknown) => orgIdSchema.safeParse(field(payload, 'orgId')).data ?? null
const runOf = (payload: unknown) => jobRunId.safeParse(field(payload, 'jobRunId')).data ?? null

/** A job that a version before this one has put into the queue gets its row now. */
const adopt = async (core: WorkerCore, name: JobName, job: QueuedJob, orgId: JobContext['actor']['orgId']) => {
  const { payload: schema, subject, maxAttempts, priority } = jobNamed(name)
  const payload = schema.safeParse(job.payload)
  if (!payload.success) return null
  const about = { payload: payload.data, subjectId: subject(payload.data) }
  return core.jobs.adopt(systemOf(orgId), { jobId: job.id, kind: name, maxAttempts, priority, ...about })
}

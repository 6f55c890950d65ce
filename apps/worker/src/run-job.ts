import { AppError, orgId as orgIdSchema } from '@quarry/contracts'
import type { WorkerCore } from '@quarry/core/worker'
import { isFinal, jobNamed, type JobContext, type JobHandlers, type JobName } from '@quarry/jobs'
import { withRequestContext, type Logger } from '@quarry/observability'

/** A row of the queue, as far as a run needs it. */
export interface QueuedJob {
  readonly id: string
  readonly attempts: number
  readonly maxAttempts: number
  /** What was enqueued, with the organisation that the database stamped on it. */
  readonly payload: unknown
}

export interface JobRunner {
  /** Runs a job to its end. Throws when it should be tried again; returns when it is over, well or not. */
  run(name: JobName, job: QueuedJob, worker: string, abort: AbortSignal): Promise<void>
  /** Ends what a job was about that is not run again, such as one whose last attempt died with its worker. */
  bury(name: JobName, job: QueuedJob): Promise<void>
}

/** Ending a job touches a few rows; whatever holds it up longer than this is the database, and the job waits for it. */
const BURY_TIMEOUT_MS = 60_000

/** One way to run every job: payload checked, tenant opened, history and log kept, final and passing errors told apart. */
export const createJobRunner = (core: WorkerCore, handlers: JobHandlers, logger: Logger): JobRunner => {
  const bury = async (name: JobName, job: QueuedJob, error?: unknown): Promise<void> => {
    const parsed = parse(name, job.payload)
    if (parsed === null) return
    const context = { actor: parsed.actor, signal: AbortSignal.timeout(BURY_TIMEOUT_MS), attempt: job.attempts }
    await handlers[name].exhausted(parsed.payload, context)
    const fields = { job: name, jobId: job.id, attempt: job.attempts }
    // People delete what they have uploaded; nobody has to look at that.
    if (error instanceof AppError && error.code === 'not_found') logger.info(fields, 'what a job was about is gone')
    else logger.error(fields, 'a job has failed, and is not tried again')
  }

  return {
    bury,
    run: async (name, job, worker, abort) => {
      const parsed = parse(name, job.payload)
      if (parsed === null) {
        logger.error({ job: name, jobId: job.id }, 'a job has a payload that is none')
        return
      }
      const { actor, payload, subjectId } = parsed
      const context: JobContext = {
        actor,
        attempt: job.attempts,
        signal: AbortSignal.any([abort, AbortSignal.timeout(jobNamed(name).deadlineMs)]),
      }
      const fields = { job: name, jobId: job.id, subjectId, attempt: job.attempts }
      await withRequestContext({ requestId: `job-${job.id}`, orgId: actor.orgId }, async () => {
        const started = performance.now()
        const runId = await core.recordStart(actor, {
          jobId: job.id,
          kind: name,
          subjectId,
          attempt: job.attempts,
          worker,
        })
        const end = async (state: 'succeeded' | 'failed' | 'retrying', error: unknown) => {
          const ms = Math.round(performance.now() - started)
          if (state === 'succeeded') logger.info({ ...fields, ms }, 'job done')
          else logger.warn({ ...fields, ms, err: error }, state === 'failed' ? 'job failed' : 'job will be tried again')
          // The job is over either way; what is lost with the database is a line of history.
          await core.recordEnd(actor, runId, state, error === null ? null : classOf(error)).catch((err: unknown) => {
            logger.warn({ ...fields, err }, 'the end of a job could not be recorded')
          })
        }
        try {
          await handlers[name].run(payload, context)
          await end('succeeded', null)
        } catch (error) {
          if (!isFinal(error) && (job.attempts < job.maxAttempts || abort.aborted)) {
            await end('retrying', error)
            throw error
          }
          await bury(name, job, error)
          await end('failed', error)
        }
      })
    },
  }
}

function parse<Name extends JobName>(name: Name, source: unknown) {
  const definition = jobNamed(name)
  const org = orgIdSchema.safeParse(
    typeof source === 'object' && source !== null && 'orgId' in source ? source.orgId : undefined,
  )
  const payload = definition.payload.safeParse(source)
  if (!org.success || !payload.success) return null
  const actor = { kind: 'system', id: null, orgId: org.data, role: 'owner' } as const
  return { actor, payload: payload.data, subjectId: definition.subject(payload.data) }
}

const classOf = (error: unknown) =>
  error instanceof AppError ? error.code : error instanceof Error ? error.name : 'unknown'

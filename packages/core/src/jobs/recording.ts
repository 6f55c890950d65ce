import { sql, type SQL } from 'drizzle-orm'
import type { JobRunId } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import type { JobClaim } from '@quarry/jobs'
import { z } from 'zod'

/** A row of graphile-worker's line that a worker has taken. */
export interface TakenJob {
  /** graphile-worker's number of it. */
  readonly jobId: string
  /** The worker pool that has it. */
  readonly worker: string
}

export interface StartedJob {
  /** `stale`: it is over, or stands elsewhere in the line. `spent`: it was taken up as often as it may be. */
  readonly verdict: 'run' | 'stale' | 'spent'
  readonly kind: string
  readonly payload: unknown
  readonly bulk: boolean
  readonly attempt: number
  readonly maxAttempts: number
  /** It was cancelled on its way here. */
  readonly cancelled: boolean
  /** Since it was asked for. */
  readonly waitedMs: number
}

export interface JobOutcome {
  /** The first three end the job. `returned`: its worker stops, and the attempt does not count. */
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'retrying' | 'returned'
  /** Before a job that is `retrying` may run again. */
  readonly delayMs?: number
  readonly errorClass?: string | null
  /** A sentence for people; never text of a document. */
  readonly errorMessage?: string | null
  /** For operators. */
  readonly errorStack?: string | null
}

const started = z.array(
  z.object({
    verdict: z.enum(['run', 'stale', 'spent']),
    kind: z.string(),
    payload: z.unknown(),
    bulk: z.boolean(),
    attempt: z.int(),
    max_attempts: z.int(),
    cancelled: z.boolean(),
    waited_ms: z.coerce.number(),
  }),
)

/** Notes that a worker has taken a job up. Null when the organisation has no such job. */
export const startJob = async (tenantDb: TenantDb, id: JobRunId, taken: TakenJob): Promise<StartedJob | null> => {
  const rows = await tenantDb.tx((tx) =>
    tx.execute(sql`select * from app_job_started(${id}::uuid, ${taken.jobId}::bigint, ${taken.worker})`),
  )
  const [row] = started.parse(rows)
  if (row === undefined) return null
  const { max_attempts: maxAttempts, waited_ms: waitedMs, ...rest } = row
  return { ...rest, maxAttempts, waitedMs }
}

const value = async <T>(tenantDb: TenantDb, schema: z.ZodType<T>, call: SQL): Promise<T> => {
  const rows = await tenantDb.tx((tx) => tx.execute(sql`select ${call} as value`))
  return z.tuple([z.object({ value: schema })]).parse(rows)[0].value
}

export interface OldJob {
  readonly jobId: string
  readonly kind: string
  readonly payload: unknown
  readonly subjectId: string
  readonly maxAttempts: number
  readonly priority: number
}

/** Gives a row to a job that a version before this one has put into the line. Null when it has one, or is not in the line. */
export const adoptJob = (tenantDb: TenantDb, job: OldJob): Promise<JobRunId | null> =>
  value(
    tenantDb,
    z.uuid().brand<'JobRunId'>().nullable(),
    sql`app_adopt_job(${job.jobId}::bigint, ${job.kind}, ${JSON.stringify(job.payload)}::jsonb, ${job.subjectId}::uuid,
      ${job.maxAttempts}::integer, ${job.priority}::integer)`,
  )

/** Notes where a job is; what is null stays as it was. False when it is not this worker's any more. */
export const reportJob = (
  tenantDb: TenantDb,
  claim: JobClaim,
  worker: string,
  stage: string | null,
  progress: number | null,
) =>
  value(
    tenantDb,
    z.boolean(),
    sql`app_job_progress(${claim.id}::uuid, ${claim.attempt}::integer, ${worker}, ${stage}::text, ${progress}::integer)`,
  )

/**
 * Ends an attempt, takes its row out of the line and lets the organisation's next job in, all or none. False, and nothing
 * is written, when another worker has the job by now.
 */
export const endJob = (tenantDb: TenantDb, claim: JobClaim, worker: string, outcome: JobOutcome) =>
  value(
    tenantDb,
    z.boolean(),
    sql`app_job_ended(${claim.id}::uuid, ${claim.attempt}::integer, ${worker}, ${outcome.state}, ${outcome.delayMs ?? 0},
      ${outcome.errorClass ?? null}::text, ${outcome.errorMessage ?? null}::text, ${outcome.errorStack ?? null}::text)`,
  )

/**
 * Notes that the worker of a job is dead. `again`: it waits for its turn, after so long a delay as it has had crashes.
 * `over`: enough; end what it was about, then the job. Null: it is not that worker's any more.
 */
export const loseJob = (
  tenantDb: TenantDb,
  id: JobRunId,
  worker: string,
  rules: { readonly maxCrashes: number; readonly delaysMs: readonly number[] },
) =>
  value(
    tenantDb,
    z.enum(['again', 'over']).nullable(),
    sql`app_job_lost(${id}::uuid, ${worker}, ${rules.maxCrashes}::integer, ${`{${rules.delaysMs.join(',')}}`}::integer[])`,
  )

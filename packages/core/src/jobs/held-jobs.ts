import { and, asc, desc, eq, gte, inArray, isNull, or, type SQL } from 'drizzle-orm'
import { AppError, UNFINISHED_JOB_STATES } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'
import type { JobName } from '@quarry/jobs'
import { RETRYABLE_VERSION } from './actions.ts'
import { chooseJobs, selectJobs, type JobRow } from './job-row.ts'

const { documentVersion, jobRun } = schema

/** A job as it was when it was locked for the rest of the transaction. */
export type HeldJob = JobRow

/** Locks a job. Throws AppError('not_found') where the organisation has none of this id. */
export const holdJob = async (tx: TenantTx, orgId: string, id: string): Promise<HeldJob> => {
  const [row] = await selectJobs(tx, chooseJobs(tx).where(and(eq(jobRun.orgId, orgId), eq(jobRun.id, id)))).for(
    'update',
    { of: jobRun },
  )
  if (!row) throw new AppError('not_found')
  return row
}

export interface FailedClass {
  readonly kind: JobName
  readonly errorClass: string
}

/** What all jobs have in common that failed in the same way. */
export const inClass = ({ kind, errorClass }: FailedClass): SQL | undefined =>
  and(eq(jobRun.state, 'failed'), eq(jobRun.kind, kind), eq(jobRun.errorClass, errorClass))

/** Locks jobs that failed in the same way and can be tried again, the newest first. */
export const holdFailed = async (
  tx: TenantTx,
  orgId: string,
  failed: FailedClass,
  most: number,
): Promise<HeldJob[]> => {
  return selectJobs(tx, chooseJobs(tx).where(and(eq(jobRun.orgId, orgId), inClass(failed))))
    .where(and(eq(documentVersion.orgId, orgId), hasRetryableVersion))
    .orderBy(desc(jobRun.enqueuedAt), desc(jobRun.id))
    .limit(most)
    .for('update', { of: jobRun })
}

/** Locks jobs that were cancelled since a moment and can be tried again. */
export const holdCancelledSince = async (tx: TenantTx, orgId: string, since: Date, most: number): Promise<HeldJob[]> =>
  selectJobs(
    tx,
    chooseJobs(tx).where(
      and(eq(jobRun.orgId, orgId), eq(jobRun.state, 'cancelled'), gte(jobRun.cancelRequestedAt, since)),
    ),
  )
    .where(and(eq(documentVersion.orgId, orgId), hasRetryableVersion))
    .orderBy(desc(jobRun.enqueuedAt), desc(jobRun.id))
    .limit(most)
    .for('update', { of: jobRun })

/** Locks some jobs that are not over, and that nobody has asked to end. */
export const holdUnfinished = async (tx: TenantTx, orgId: string, most: number): Promise<HeldJob[]> =>
  selectJobs(
    tx,
    chooseJobs(tx).where(
      and(eq(jobRun.orgId, orgId), inArray(jobRun.state, [...UNFINISHED_JOB_STATES]), isNull(jobRun.cancelRequestedAt)),
    ),
  )
    .orderBy(asc(jobRun.enqueuedAt), asc(jobRun.id))
    .limit(most)
    .for('update', { of: jobRun })

/** Of each version the first alone: two jobs that read it at the same time would stand in each other's way. */
export const oneOfEach = (jobs: readonly HeldJob[]): HeldJob[] =>
  jobs.filter(({ subjectId }, i) => jobs.findIndex((other) => other.subjectId === subjectId) === i)

/** What the job is about is as that job left it: somebody may have read or deleted it meanwhile. */
export const hasRetryableVersion = or(
  ...Object.entries(RETRYABLE_VERSION).map(([kind, state]) =>
    and(eq(jobRun.kind, kind), eq(documentVersion.state, state)),
  ),
)

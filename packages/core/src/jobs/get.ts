import { and, asc, eq } from 'drizzle-orm'
import { AppError, type JobDetail, type JobRunId } from '@quarry/contracts'
import { schema, type SystemTx, type TenantTx } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { actionsOn } from './actions.ts'
import { selectJobs, toOwnJobItem } from './job-row.ts'
import { readLines } from './line.ts'
import { countOwnBefore, standingOf } from './standing.ts'

/** A job of the organisation with all that happened to it. Throws AppError('not_found'). */
export const getJob = async (ctx: VerbContext, { id }: { id: JobRunId }): Promise<JobDetail> => {
  authorise(ctx, 'jobs.manage')
  const { orgId } = ctx.actor
  const { database } = ctx.deps
  const { row, attempts, ownBefore } = await database.tenant(ctx.actor).tx(async (tx) => {
    const [row] = await selectJobs(tx).where(and(eq(schema.jobRun.orgId, orgId), eq(schema.jobRun.id, id)))
    if (!row) throw new AppError('not_found')
    const attempts = await readAttempts(tx, orgId, id)
    return { row, attempts, ownBefore: await countOwnBefore(tx, orgId, row) }
  })
  const now = new Date()
  const job = { ...row, ownBefore, cancelRequested: row.cancelRequestedAt !== null }
  const { why, ahead, remainingMs } = standingOf(job, await readLines(database, orgId, [id]), now)
  return {
    ...toOwnJobItem(row),
    // Where in the code it went wrong is for those who see to the installation.
    attempts: attempts.map((attempt) => ({ ...attempt, errorStack: null })),
    payload: row.payload,
    why,
    ahead,
    expectedAt: momentIn(remainingMs, now),
    actions: actionsOn(row),
  }
}

export const momentIn = (ms: number | null, now: Date): string | null =>
  ms === null ? null : new Date(now.getTime() + ms).toISOString()

/** Each time that a job was taken up, the first first. */
export const readAttempts = async (
  tx: TenantTx | SystemTx,
  orgId: string,
  jobRunId: string,
): Promise<JobDetail['attempts']> => {
  const { jobAttempt } = schema
  const rows = await tx
    .select({
      attempt: jobAttempt.attempt,
      worker: jobAttempt.worker,
      state: jobAttempt.state,
      startedAt: jobAttempt.startedAt,
      finishedAt: jobAttempt.finishedAt,
      stages: jobAttempt.stages,
      errorClass: jobAttempt.errorClass,
      errorMessage: jobAttempt.errorMessage,
      errorStack: jobAttempt.errorStack,
    })
    .from(jobAttempt)
    .where(and(eq(jobAttempt.orgId, orgId), eq(jobAttempt.jobRunId, jobRunId)))
    .orderBy(asc(jobAttempt.attempt))
  return rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }))
}

import { and, eq } from 'drizzle-orm'
import { AppError, type JobDetail, type JobRunId, type OrgId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { OperatorContext } from '../context.ts'
import { actionsOn } from '../jobs/actions.ts'
import { momentIn, readAttempts } from '../jobs/get.ts'
import { jobColumns, ofSubject, toForeignJobItem } from '../jobs/job-row.ts'
import { readLines } from '../jobs/line.ts'
import { countOwnBefore, standingOf } from '../jobs/standing.ts'
import { organisationNames } from './organisation-names.ts'

/** A job of any organisation with all that happened to it, the stacks of its errors too. Throws AppError('not_found'). */
export const getAnyJob = async (
  { deps: { database } }: OperatorContext,
  { orgId, id }: { orgId: OrgId; id: JobRunId },
): Promise<JobDetail> => {
  const { documentVersion, jobRun } = schema
  const { row, attempts, ownBefore } = await database.system(async (tx) => {
    const [row] = await tx
      .select({ ...jobColumns, versionState: documentVersion.state, sizeBytes: documentVersion.sizeBytes })
      .from(jobRun)
      .leftJoin(documentVersion, ofSubject)
      .where(and(eq(jobRun.orgId, orgId), eq(jobRun.id, id)))
    if (!row) throw new AppError('not_found')
    return { row, attempts: await readAttempts(tx, orgId, id), ownBefore: await countOwnBefore(tx, orgId, row) }
  })
  const now = new Date()
  const job = { ...row, ownBefore, cancelRequested: row.cancelRequestedAt !== null }
  const { why, ahead, remainingMs } = standingOf(job, await readLines(database, orgId, [id]), now)
  const nameOf = await organisationNames(database, [orgId])
  return {
    ...toForeignJobItem(row, nameOf(orgId)),
    attempts,
    payload: row.payload,
    why,
    ahead,
    expectedAt: momentIn(remainingMs, now),
    actions: actionsOn(row),
  }
}

import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm'
import { orgId as orgIdSchema, UNFINISHED_JOB_STATES, versionId as versionIdSchema } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { documentProcess, enqueue } from '@quarry/jobs'
import { abandonProcessing } from '@quarry/rag'
import { oneByOne } from '../jobs/one-by-one.ts'
import type { CronDeps } from './task.ts'

/**
 * A version and its job are written in one transaction, and its end before the end of the job: so a version that waits
 * and has no job is nobody's. Somebody who has just ended it has done so by then.
 */
const UNTOUCHED_SECONDS = 60
/** One look; the next one, a minute later, finds the rest. */
const MOST = 1_000

const { documentVersion, jobRun } = schema

/**
 * Versions that wait to be read, or were being read, and have no job: back into the queue, or failed where their newest
 * job had failed or was cancelled, so that whoever uploaded them reads why and can try again.
 */
export const repairVersions = async (
  { database, logger }: Pick<CronDeps, 'database' | 'logger'>,
  signal: AbortSignal,
): Promise<{ version: number; versionFailed: number }> => {
  const isUntouched = and(
    inArray(documentVersion.state, ['uploaded', 'parsing']),
    sql`${documentVersion.updatedAt} < now() - ${UNTOUCHED_SECONDS} * interval '1 second'`,
    sql`not exists (select from ${jobRun} j where j.org_id = ${documentVersion.orgId} and j.subject_id = ${documentVersion.id}
      and j.kind = ${documentProcess.name} and j.state in (${sql.join(
        UNFINISHED_JOB_STATES.map((state) => sql`${state}`),
        sql`, `,
      )}))`,
  )
  const stranded = await database.system(async (tx) => {
    const rows = await tx
      .select({ orgId: documentVersion.orgId, id: documentVersion.id })
      .from(documentVersion)
      .where(isUntouched)
      .orderBy(asc(documentVersion.updatedAt))
      .limit(MOST)
    if (rows.length === 0) return []
    // After an upgrade: the line has them, and their rows are written when their turn comes.
    const ids = sql.param(rows.map(({ id }) => id))
    const found = (await tx.execute(
      sql`select id::text as id from queue_unadopted(${documentProcess.name}, ${ids}::uuid[]) as id`,
    )) as { id: string }[]
    const inLine = new Set(found.map(({ id }) => id))
    return rows.filter(({ id }) => !inLine.has(id))
  })
  const counts = { version: 0, versionFailed: 0 }
  const repair = async (row: (typeof stranded)[number]): Promise<void> => {
    const [orgId, versionId] = [orgIdSchema.parse(row.orgId), versionIdSchema.parse(row.id)]
    const tenantDb = database.tenant({ kind: 'system', id: null, orgId, role: 'owner' })
    const isOver = await tenantDb.tx(async (tx) => {
      const [job] = await tx
        .select({ state: jobRun.state, errorClass: jobRun.errorClass })
        .from(jobRun)
        .where(and(eq(jobRun.orgId, orgId), eq(jobRun.subjectId, versionId), eq(jobRun.kind, documentProcess.name)))
        .orderBy(desc(jobRun.enqueuedAt))
        .limit(1)
      // A job that stayed behind in another database says nothing about the file.
      const isLeftBehind = job?.errorClass === 'left_behind'
      if (!isLeftBehind && (job?.state === 'failed' || job?.state === 'cancelled')) return true
      // Said again: somebody may have taken it up meanwhile.
      const [still] = await tx
        .update(documentVersion)
        .set({ updatedAt: sql`now()` })
        .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId), isUntouched))
        .returning({ id: documentVersion.id })
      if (still === undefined) return false
      await enqueue(tx, documentProcess, { versionId }, { key: `stranded:${versionId}` })
      counts.version++
      return false
    })
    if (!isOver) return
    await abandonProcessing(tenantDb, versionId, signal)
    counts.versionFailed++
  }
  await oneByOne(stranded, repair, logger, 'a version could not be repaired; it is tried again', signal)
  return counts
}

import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { OrgId, VersionId } from '@quarry/contracts'
import { schema, type Database } from '@quarry/db'
import { documentProcess, enqueue } from '@quarry/jobs'

export interface UnreadVersion {
  readonly orgId: OrgId
  readonly versionId: VersionId
}

/** Whoever works on a version touches its row every few seconds, and a job that has just been put in is seen at once. */
const UNTOUCHED_SECONDS = 600
/** One look; the next one, minutes later, finds the rest. */
const MOST = 1000

const { documentVersion, jobRun } = schema
const isUntouched = and(
  inArray(documentVersion.state, ['uploaded', 'parsing']),
  sql`${documentVersion.updatedAt} < now() - ${UNTOUCHED_SECONDS} * interval '1 second'`,
)

/** Versions of all organisations that wait to be read, that nobody has touched for long, and that have no job. */
export const untouchedVersions = (database: Database): Promise<UnreadVersion[]> =>
  database.system(async (tx) => {
    const rows = await tx
      .select({ orgId: documentVersion.orgId, versionId: documentVersion.id })
      .from(documentVersion)
      .where(
        and(
          isUntouched,
          sql`not exists (select from ${jobRun} where ${jobRun.orgId} = ${documentVersion.orgId} and ${jobRun.subjectId} = ${documentVersion.id}
            and ${jobRun.state} in ('waiting', 'queued', 'running', 'retrying'))`,
        ),
      )
      .orderBy(asc(documentVersion.updatedAt))
      .limit(MOST)
    return rows.map(({ orgId, versionId }) => ({ orgId: orgId as OrgId, versionId: versionId as VersionId }))
  })

/** Puts versions back into the queue that have lost their job, unless somebody has taken them up meanwhile. */
export const requeueVersions = async (database: Database, versions: readonly UnreadVersion[]): Promise<void> => {
  for (const { orgId, versionId } of versions)
    await database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx(async (tx) => {
      const [still] = await tx
        .update(documentVersion)
        .set({ updatedAt: sql`now()` })
        .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId), isUntouched))
        .returning({ id: documentVersion.id })
      if (still !== undefined) await enqueue(tx, documentProcess, { versionId }, { key: `stranded:${versionId}` })
    })
}

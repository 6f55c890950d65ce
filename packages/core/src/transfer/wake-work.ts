import { and, eq, inArray, sql, type SQL } from 'drizzle-orm'
import type { DatabaseAdapter } from '@quarry/config'
import { versionId, type OrgId } from '@quarry/contracts'
import { openDatabase, schema, type TenantTx } from '@quarry/db'
import { documentEmbed, documentProcess, enqueue } from '@quarry/jobs'

/** Thousands of files of one organisation may be waiting. */
const TIMEOUT_MS = 60_000

/**
 * A queue is not copied: the rows say what is still to be done. Puts that into the new queue, files to read and versions
 * whose semantic index is not complete; doing so twice is fine. Returns how many there are.
 */
export const wakeWork = async (adapter: DatabaseAdapter, organisations: readonly OrgId[]): Promise<number> => {
  const { document, documentVersion } = schema
  const isLive = sql`exists (select from ${document} d where d.org_id = ${documentVersion.orgId} and d.live_version_id = ${documentVersion.id})`
  const database = openDatabase(adapter, { pool: { max: 1 }, applicationName: 'quarry-transfer' })
  let woken = 0
  const wake = async (tx: TenantTx, orgId: OrgId, job: typeof documentProcess | typeof documentEmbed, undone: SQL) => {
    const rows = await tx
      .select({ id: documentVersion.id })
      .from(documentVersion)
      .where(and(eq(documentVersion.orgId, orgId), undone))
    for (const { id } of rows) await enqueue(tx, job, { versionId: versionId.parse(id) }, { key: `${job.name}:${id}` })
    woken += rows.length
  }
  try {
    for (const orgId of organisations)
      await database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx(
        async (tx) => {
          await wake(tx, orgId, documentProcess, inArray(documentVersion.state, ['uploaded', 'parsing']))
          // Of a version that was replaced nobody searches the index.
          await wake(tx, orgId, documentEmbed, sql`${documentVersion.semantic} < 100 and ${isLive}`)
        },
        { timeoutMs: TIMEOUT_MS },
      )
  } finally {
    await database.close()
  }
  return woken
}

/** Jobs whose workers and queue stayed behind are over. Changes rows, so it comes after they have been compared. */
export const closeHistory = async (adapter: DatabaseAdapter, organisations: readonly OrgId[]): Promise<void> => {
  const { jobRun } = schema
  const database = openDatabase(adapter, { pool: { max: 1 }, applicationName: 'quarry-transfer' })
  try {
    for (const orgId of organisations)
      await database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx(
        (tx) =>
          tx
            .update(jobRun)
            .set({ state: 'failed', errorClass: 'left_behind', jobId: null, finishedAt: new Date() })
            .where(and(eq(jobRun.orgId, orgId), inArray(jobRun.state, ['waiting', 'queued', 'running', 'retrying']))),
        { timeoutMs: TIMEOUT_MS },
      )
  } finally {
    await database.close()
  }
}

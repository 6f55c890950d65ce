import { and, eq, inArray } from 'drizzle-orm'
import type { DatabaseAdapter } from '@quarry/config'
import { versionId, type OrgId } from '@quarry/contracts'
import { openDatabase, schema } from '@quarry/db'
import { documentProcess, enqueue } from '@quarry/jobs'

/** Thousands of files of one organisation may be waiting. */
const TIMEOUT_MS = 60_000

/** A queue is not copied: the rows say what is still to be done. Puts that into the new queue; doing so twice is fine. */
export const wakeWork = async (adapter: DatabaseAdapter, organisations: readonly OrgId[]): Promise<number> => {
  const { documentVersion } = schema
  const database = openDatabase(adapter, { pool: { max: 1 }, applicationName: 'quarry-transfer' })
  let woken = 0
  try {
    for (const orgId of organisations) {
      await database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx(
        async (tx) => {
          const unread = await tx
            .select({ id: documentVersion.id })
            .from(documentVersion)
            .where(and(eq(documentVersion.orgId, orgId), inArray(documentVersion.state, ['uploaded', 'parsing'])))
          for (const { id } of unread)
            await enqueue(tx, documentProcess, { versionId: versionId.parse(id) }, { key: `moved:${id}` })
          woken += unread.length
        },
        { timeoutMs: TIMEOUT_MS },
      )
    }
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
            .set({ state: 'lost', finishedAt: new Date() })
            .where(and(eq(jobRun.orgId, orgId), eq(jobRun.state, 'running'))),
        { timeoutMs: TIMEOUT_MS },
      )
  } finally {
    await database.close()
  }
}

import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import { orgId as orgIdSchema } from '@quarry/contracts'
import { emitSignal, schema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'

/** An upload can be resumed for a day: longer than any connection is away, shorter than anybody waits for it. */
const KEPT_MS = 24 * 3600_000
const VERSIONS_PER_SWEEP = 500

/**
 * Deletes tickets whose bytes never came to an end, with the bytes, and documents that never had anything else.
 * Returns how many tickets went.
 */
export const sweepUploads = async (deps: Pick<CoreDeps, 'database' | 'blobs'>, now = new Date()): Promise<number> => {
  const olderThan = new Date(now.getTime() - KEPT_MS)
  const { document, documentVersion } = schema
  const stale = await deps.database.system((tx) =>
    tx
      .select({
        orgId: documentVersion.orgId,
        id: documentVersion.id,
        documentId: documentVersion.documentId,
        collectionId: documentVersion.collectionId,
      })
      .from(documentVersion)
      .where(and(eq(documentVersion.state, 'uploading'), lt(documentVersion.createdAt, olderThan)))
      .orderBy(asc(documentVersion.createdAt))
      .limit(VERSIONS_PER_SWEEP),
  )
  for (const row of stale) {
    const orgId = orgIdSchema.parse(row.orgId)
    await deps.database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx(async (tx) => {
      const ofDocument = and(eq(document.orgId, orgId), eq(document.id, row.documentId))
      await tx
        .delete(documentVersion)
        .where(
          and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, row.id), eq(documentVersion.state, 'uploading')),
        )
      const newest = sql`(select v.id from document_version v where v.org_id = ${document.orgId} and v.document_id = ${document.id} order by v.id desc limit 1)`
      await tx
        .update(document)
        .set({ latestVersionId: newest })
        .where(and(ofDocument, or(eq(document.latestVersionId, row.id), isNull(document.latestVersionId))))
      await tx.delete(document).where(and(ofDocument, isNull(document.latestVersionId)))
      await emitSignal(tx, 'collection', row.collectionId)
    })
  }
  await deps.blobs.sweepUploads(olderThan)
  return stale.length
}

import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { DocumentId } from '@quarry/contracts'
import type { BlobKey } from '@quarry/blobs'
import { emitSignal, recordAudit, schema } from '@quarry/db'
import type { VerbContext } from '../context.ts'

/** Chunks deleted in one transaction, with ~60 postings each: about 100 ms, which is what other sessions may wait. */
const CHUNKS_PER_TRANSACTION = 100

/**
 * Takes a document out of the index at once, then deletes what it left in short transactions. Interrupted in between,
 * it stands in the list as failed and can be deleted again. Returns false when it was not there.
 */
export const removeDocument = async (
  ctx: VerbContext,
  id: DocumentId,
  options: { readonly audit: boolean },
): Promise<boolean> => {
  const { orgId } = ctx.actor
  const { document, documentVersion } = schema
  const tenantDb = ctx.deps.database.tenant(ctx.actor)
  const versions = await tenantDb.tx(async (tx) => {
    const [row] = await tx
      .select({ collectionId: document.collectionId, liveVersionId: document.liveVersionId })
      .from(document)
      .where(and(eq(document.orgId, orgId), eq(document.id, id)))
      .for('update')
    if (!row) return null
    if (row.liveVersionId) await tx.execute(subtractFromStats(orgId, row.liveVersionId))
    await tx
      .update(document)
      .set({ liveVersionId: null })
      .where(and(eq(document.orgId, orgId), eq(document.id, id)))
    const versions = await tx
      .update(documentVersion)
      .set({
        state: 'failed',
        stage: null,
        errorCode: 'crashed',
        errorText: 'Deleting this document was interrupted; delete it again.',
        // Fences off a worker that is still writing this version.
        attempt: sql`${documentVersion.attempt} + 1`,
        updatedAt: new Date(),
      })
      .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.documentId, id)))
      .returning({ id: documentVersion.id, blobKey: documentVersion.blobKey })
    await tx.execute(
      sql`update collection set index_version = index_version + 1 where org_id = ${orgId} and id = ${row.collectionId}`,
    )
    if (options.audit)
      await recordAudit(tx, {
        actor: ctx.actor,
        action: 'document.delete',
        subjectKind: 'document',
        subjectId: id,
        details: { collectionId: row.collectionId },
        requestId: ctx.requestId,
      })
    await emitSignal(tx, 'document', id)
    await emitSignal(tx, 'collection', row.collectionId)
    return versions
  })
  if (!versions) return false
  for (const version of versions) await deleteChunks(ctx, version.id)
  await tenantDb.tx((tx) => tx.delete(document).where(and(eq(document.orgId, orgId), eq(document.id, id))))
  await deleteUnusedBlobs(
    ctx,
    versions.flatMap((v) => (v.blobKey === null ? [] : [v.blobKey])),
  )
  return true
}

/** What publishing added for this version, taken away again; see collection_stat. */
const subtractFromStats = (orgId: string, versionId: string) => sql`
  with gone as (
    select collection_id, language, count(*)::int as chunks, sum(token_count)::bigint as length
    from chunk where org_id = ${orgId} and version_id = ${versionId} group by collection_id, language
  )
  update collection_stat s set chunks = s.chunks - gone.chunks, length = s.length - gone.length
  from gone where s.org_id = ${orgId} and s.collection_id = gone.collection_id and s.language = gone.language`

const deleteChunks = async (ctx: VerbContext, versionId: string): Promise<void> => {
  const { orgId } = ctx.actor
  const { chunk, posting } = schema
  for (;;) {
    const deleted = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
      const rows = await tx
        .select({ ordinal: chunk.ordinal })
        .from(chunk)
        .where(and(eq(chunk.orgId, orgId), eq(chunk.versionId, versionId)))
        .limit(CHUNKS_PER_TRANSACTION)
      if (rows.length === 0) return 0
      const ordinals = rows.map((row) => row.ordinal)
      await tx
        .delete(posting)
        .where(and(eq(posting.orgId, orgId), eq(posting.versionId, versionId), inArray(posting.ordinal, ordinals)))
      await tx
        .delete(chunk)
        .where(and(eq(chunk.orgId, orgId), eq(chunk.versionId, versionId), inArray(chunk.ordinal, ordinals)))
      return rows.length
    })
    if (deleted < CHUNKS_PER_TRANSACTION) return
  }
}

/**
 * Deletes blobs that no version of the organisation has any more; asked as the system, because the actor may not see
 * every collection. A file with the same content that is completed at this very moment may lose its bytes: it then
 * fails as blob_missing, which says to upload it again.
 */
const deleteUnusedBlobs = async (ctx: VerbContext, keys: readonly string[]): Promise<void> => {
  if (keys.length === 0) return
  const { orgId } = ctx.actor
  const { documentVersion } = schema
  const { blobs, database, logger } = ctx.deps
  const used = await database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx((tx) =>
    tx
      .selectDistinct({ key: documentVersion.blobKey })
      .from(documentVersion)
      .where(
        and(
          eq(documentVersion.orgId, orgId),
          isNotNull(documentVersion.blobKey),
          inArray(documentVersion.blobKey, [...keys]),
        ),
      ),
  )
  const usedKeys = new Set(used.map((row) => row.key))
  for (const key of new Set(keys)) {
    if (usedKeys.has(key)) continue
    // A blob that stays costs disk space only; the document is gone either way.
    await blobs.delete(key as BlobKey).catch((err: unknown) => logger.warn({ err }, 'a blob could not be deleted'))
  }
}

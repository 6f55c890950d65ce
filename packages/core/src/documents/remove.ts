import { and, eq, inArray, sql } from 'drizzle-orm'
import type { DocumentId } from '@quarry/contracts'
import { emitSignal, recordAudit, schema } from '@quarry/db'
import type { VerbContext } from '../context.ts'
import { deleteUnusedBlobs, lockBlobs } from './blob-references.ts'

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
      .returning({ id: documentVersion.id })
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
  await deleteRows(ctx, id)
  return true
}

/**
 * The document, its versions and the bytes that nobody else has, in one transaction: either all of it is gone, or the
 * document can be deleted again. As the system, because another collection that the actor may not see can have the bytes.
 */
const deleteRows = async (ctx: VerbContext, id: DocumentId): Promise<void> => {
  const { orgId } = ctx.actor
  const { document, documentVersion } = schema
  const ofDocument = and(eq(document.orgId, orgId), eq(document.id, id))
  await ctx.deps.database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx(async (tx) => {
    const [row] = await tx
      .select({ collectionId: document.collectionId })
      .from(document)
      .where(ofDocument)
      .for('update')
    if (!row) return
    // Read here, not remembered: an upload of another version may have been completed meanwhile.
    const versions = await tx
      .select({ blobKey: documentVersion.blobKey })
      .from(documentVersion)
      .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.documentId, id)))
    const keys = versions.flatMap((v) => (v.blobKey === null ? [] : [v.blobKey]))
    await lockBlobs(tx, keys)
    await tx.delete(document).where(ofDocument)
    await emitSignal(tx, 'collection', row.collectionId)
    await deleteUnusedBlobs(ctx.deps, tx, orgId, keys)
  })
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

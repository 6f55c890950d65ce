import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { DocumentId } from '@quarry/contracts'
import { emitSignal, recordAudit, schema, type TenantTx } from '@quarry/db'
import { deleteIndex, deleteVectors } from '@quarry/rag/answering'
import type { VerbContext } from '../context.ts'
import { releaseBlobs } from './blob-references.ts'

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
      .select({ collectionId: document.collectionId, path: document.sourcePath, liveVersionId: document.liveVersionId })
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
        details: { collectionId: row.collectionId, path: row.path },
        requestId: ctx.requestId,
      })
    await emitSignal(tx, 'document', id)
    await emitSignal(tx, 'collection', row.collectionId)
    return versions
  })
  if (!versions) return false
  for (const version of versions) {
    await deleteIndex(tenantDb, version.id)
    await deleteVectors(tenantDb, version.id, ctx.deps.shutdown)
  }
  await deleteRows(ctx, id)
  return true
}

/**
 * The bytes that nobody else has, then the document with its versions: until the last step the document can be deleted
 * again. As the system, because another collection that the actor may not see can have the bytes.
 */
const deleteRows = async (ctx: VerbContext, id: DocumentId): Promise<void> => {
  const { orgId } = ctx.actor
  const { document, documentVersion } = schema
  const ofDocument = and(eq(document.orgId, orgId), eq(document.id, id))
  const tenantDb = ctx.deps.database.tenant({ kind: 'system', id: null, orgId, role: 'owner' })
  const lockDocument = async (tx: TenantTx) => {
    const [row] = await tx
      .select({ collectionId: document.collectionId })
      .from(document)
      .where(ofDocument)
      .for('update')
    return row
  }
  for (;;) {
    const keys = await tenantDb.tx(async (tx) =>
      (await lockDocument(tx)) === undefined ? null : releaseBlobs(tx, orgId, id),
    )
    if (keys === null) return
    for (const key of keys) await ctx.deps.blobs.delete(key)
    const isGone = await tenantDb.tx(async (tx) => {
      const row = await lockDocument(tx)
      if (row === undefined) return true
      const [late] = await tx
        .select({ id: documentVersion.id })
        .from(documentVersion)
        .where(
          and(eq(documentVersion.orgId, orgId), eq(documentVersion.documentId, id), isNotNull(documentVersion.blobKey)),
        )
        .limit(1)
      // An upload of another version was completed meanwhile, and has bytes of its own.
      if (late !== undefined) return false
      await tx.delete(document).where(ofDocument)
      await emitSignal(tx, 'collection', row.collectionId)
      return true
    })
    if (isGone) return
  }
}

/** What publishing added for this version, taken away again; see collection_stat. */
const subtractFromStats = (orgId: string, versionId: string) => sql`
  with gone as (
    select collection_id, language, count(*)::int as chunks, sum(token_count)::bigint as length
    from chunk where org_id = ${orgId} and version_id = ${versionId} group by collection_id, language
  )
  update collection_stat s set chunks = s.chunks - gone.chunks, length = s.length - gone.length
  from gone where s.org_id = ${orgId} and s.collection_id = gone.collection_id and s.language = gone.language`

import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { DocumentId } from '@quarry/contracts'
import { emitSignals, recordAudit, schema, type TenantTx } from '@quarry/db'
import { deleteIndex, deleteVectors } from '@quarry/rag/answering'
import type { VerbContext } from '../context.ts'
import { releaseBlobs } from './blob-references.ts'

const { document, documentVersion } = schema

/**
 * Documents that are removed together at most: their rows go in one transaction, with their pages, of which a long
 * document has hundreds.
 */
export const MOST_REMOVED_TOGETHER = 50

/**
 * Takes documents out of the index at once, then deletes what they left in short transactions: as many statements for
 * fifty as for one. Interrupted in between, they stand in the list as failed and can be deleted again. Returns how
 * many were there.
 */
export const removeDocuments = async (
  ctx: VerbContext,
  ids: readonly DocumentId[],
  options: { readonly audit: boolean },
): Promise<number> => {
  const tenantDb = ctx.deps.database.tenant(ctx.actor)
  const { removed, versionIds } = await takeOut(ctx, ids, options)
  if (removed.length === 0) return 0
  await deleteIndex(tenantDb, versionIds)
  await deleteVectors(tenantDb, versionIds, ctx.deps.shutdown)
  await deleteRows(ctx, removed)
  return removed.length
}

/** From here on nothing of them is found. */
const takeOut = (ctx: VerbContext, ids: readonly DocumentId[], options: { readonly audit: boolean }) => {
  const { orgId } = ctx.actor
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const rows = await lockDocuments(tx, orgId, ids)
    if (rows.length === 0) return { removed: [], versionIds: [] }
    const removed = rows.map(({ id }) => id)
    await tx.execute(
      subtractFromStats(
        orgId,
        rows.flatMap(({ liveVersionId }) => liveVersionId ?? []),
      ),
    )
    await tx
      .update(document)
      .set({ liveVersionId: null })
      .where(and(eq(document.orgId, orgId), inArray(document.id, removed)))
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
      .where(and(eq(documentVersion.orgId, orgId), inArray(documentVersion.documentId, removed)))
      .returning({ id: documentVersion.id })
    const collectionIds = [...new Set(rows.map(({ collectionId }) => collectionId))]
    await tx.execute(
      sql`update collection set index_version = index_version + 1
          where org_id = ${orgId} and id in (${sql.join(
            collectionIds.map((id) => sql`${id}::uuid`),
            sql`, `,
          )})`,
    )
    if (options.audit)
      for (const row of rows)
        await recordAudit(tx, {
          actor: ctx.actor,
          action: 'document.delete',
          subjectKind: 'document',
          subjectId: row.id,
          details: { collectionId: row.collectionId, path: row.path },
          requestId: ctx.requestId,
        })
    await emitSignals(tx, [
      ...removed.map((subjectId) => ({ topic: 'document' as const, subjectId })),
      ...collectionIds.map((subjectId) => ({ topic: 'collection' as const, subjectId })),
    ])
    return { removed, versionIds: versions.map(({ id }) => id) }
  })
}

/** Those that are there and that the actor of the transaction may see, in one order for everybody. */
const lockDocuments = (tx: TenantTx, orgId: string, ids: readonly string[]) =>
  tx
    .select({
      id: document.id,
      collectionId: document.collectionId,
      path: document.sourcePath,
      liveVersionId: document.liveVersionId,
    })
    .from(document)
    .where(and(eq(document.orgId, orgId), inArray(document.id, [...ids])))
    .orderBy(document.id)
    .for('update')

/**
 * The bytes that nobody else has, then the documents with their versions: until the last step they can be deleted
 * again. As the system, because another collection that the actor may not see can have the bytes.
 */
const deleteRows = async (ctx: VerbContext, ids: readonly string[]): Promise<void> => {
  const { orgId } = ctx.actor
  const tenantDb = ctx.deps.database.tenant({ kind: 'system', id: null, orgId, role: 'owner' })
  for (let left = ids; left.length > 0;) {
    const going = left
    const keys = await tenantDb.tx(async (tx) => {
      const rows = await lockDocuments(tx, orgId, going)
      return rows.length === 0
        ? []
        : releaseBlobs(
            tx,
            orgId,
            rows.map(({ id }) => id),
          )
    })
    for (const key of keys) await ctx.deps.blobs.delete(key)
    left = await tenantDb.tx((tx) => deleteReleased(tx, orgId, going))
  }
}

/** Returns those of which another version was uploaded meanwhile: it has bytes of its own. */
const deleteReleased = async (tx: TenantTx, orgId: string, ids: readonly string[]): Promise<string[]> => {
  const rows = await lockDocuments(tx, orgId, ids)
  if (rows.length === 0) return []
  const late = await tx
    .selectDistinct({ id: documentVersion.documentId })
    .from(documentVersion)
    .where(
      and(
        eq(documentVersion.orgId, orgId),
        inArray(
          documentVersion.documentId,
          rows.map(({ id }) => id),
        ),
        isNotNull(documentVersion.blobKey),
      ),
    )
  const lateIds = new Set(late.map(({ id }) => id))
  const gone = rows.filter(({ id }) => !lateIds.has(id))
  if (gone.length > 0) {
    await tx.delete(document).where(
      and(
        eq(document.orgId, orgId),
        inArray(
          document.id,
          gone.map(({ id }) => id),
        ),
      ),
    )
    await emitSignals(
      tx,
      [...new Set(gone.map(({ collectionId }) => collectionId))].map((subjectId) => ({
        topic: 'collection',
        subjectId,
      })),
    )
  }
  return [...lateIds]
}

/** What publishing added for these versions, taken away again; see collection_stat. */
const subtractFromStats = (orgId: string, versionIds: readonly string[]) => sql`
  with gone as (
    select collection_id, language, count(*)::int as chunks, sum(token_count)::bigint as length
    from chunk where org_id = ${orgId} and version_id = any (${`{${versionIds.join(',')}}`}::uuid[])
    group by collection_id, language
  )
  update collection_stat s set chunks = s.chunks - gone.chunks, length = s.length - gone.length
  from gone where s.org_id = ${orgId} and s.collection_id = gone.collection_id and s.language = gone.language`

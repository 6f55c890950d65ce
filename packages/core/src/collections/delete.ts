import { and, asc, eq, gt } from 'drizzle-orm'
import { AppError, documentId, type CollectionId } from '@quarry/contracts'
import { emitSignal, recordAudit, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { MOST_REMOVED_TOGETHER, removeDocuments } from '../documents/remove.ts'

/**
 * Deletes a collection with everything in it. Documents go a few at a time, so that no transaction is long; when it is
 * interrupted, what is left is a smaller collection, and deleting it again goes on.
 */
export const deleteCollection = async (
  ctx: VerbContext,
  input: { id: CollectionId },
): Promise<{ id: CollectionId }> => {
  authorise(ctx, 'collections.manage')
  const { orgId } = ctx.actor
  const { collection } = schema
  await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [row] = await tx
      .select({ name: collection.name })
      .from(collection)
      .where(and(eq(collection.orgId, orgId), eq(collection.id, input.id)))
    if (!row) throw new AppError('not_found')
    await recordAudit(tx, {
      actor: ctx.actor,
      action: 'collection.delete',
      subjectKind: 'collection',
      subjectId: input.id,
      details: { name: row.name },
      requestId: ctx.requestId,
    })
  })
  while (!(await deleteIfEmpty(ctx, input.id))) await removeAll(ctx, input.id)
  return { id: input.id }
}

const removeAll = async (ctx: VerbContext, id: CollectionId): Promise<void> => {
  const { orgId } = ctx.actor
  const { document } = schema
  const tenantDb = ctx.deps.database.tenant(ctx.actor)
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await tenantDb.tx((tx) =>
      tx
        .select({ id: document.id })
        .from(document)
        .where(and(eq(document.orgId, orgId), eq(document.collectionId, id), gt(document.id, after)))
        .orderBy(asc(document.id))
        .limit(MOST_REMOVED_TOGETHER),
    )
    const last = rows.at(-1)
    if (!last) return
    await removeDocuments(
      ctx,
      rows.map(({ id }) => documentId.parse(id)),
      { audit: false },
    )
    after = last.id
  }
}

/** False while documents are in it: those that come in the meantime have index and bytes of their own to take away. */
const deleteIfEmpty = (ctx: VerbContext, id: CollectionId): Promise<boolean> => {
  const { orgId } = ctx.actor
  const { collection, document } = schema
  const ofCollection = and(eq(collection.orgId, orgId), eq(collection.id, id))
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    // From here on nobody can put a document into it.
    await tx.select({ id: collection.id }).from(collection).where(ofCollection).for('update')
    const [left] = await tx
      .select({ id: document.id })
      .from(document)
      .where(and(eq(document.orgId, orgId), eq(document.collectionId, id)))
      .limit(1)
    if (left) return false
    await tx.delete(collection).where(ofCollection)
    await emitSignal(tx, 'collection', id)
    return true
  })
}

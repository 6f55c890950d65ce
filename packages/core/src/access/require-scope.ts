import { and, count, eq, inArray } from 'drizzle-orm'
import { AppError, type CollectionId, type DocumentId } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'
import type { VerbContext } from '../context.ts'

/** What a search or a question is limited to; null means everything that the actor may see. */
export interface Scope {
  readonly collectionIds: readonly CollectionId[] | null
  readonly documentIds: readonly DocumentId[] | null
}

export const scopeOf = (input: {
  collectionIds?: CollectionId[] | null | undefined
  documentIds?: DocumentId[] | null | undefined
}): Scope => ({
  collectionIds: input.collectionIds?.length ? input.collectionIds : null,
  documentIds: input.documentIds?.length ? input.documentIds : null,
})

/**
 * Throws AppError('not_found') when one of the ids is not visible to the actor. Without it a foreign id would merely
 * find nothing, and a mistyped filter would look like a document that says nothing.
 */
export const requireScope = async (ctx: Pick<VerbContext, 'actor'>, tx: TenantTx, scope: Scope): Promise<void> => {
  const { orgId } = ctx.actor
  if (scope.collectionIds) {
    const wanted = [...new Set(scope.collectionIds)]
    const { collection } = schema
    const [found] = await tx
      .select({ n: count() })
      .from(collection)
      .where(and(eq(collection.orgId, orgId), inArray(collection.id, wanted)))
    if (found?.n !== wanted.length) throw new AppError('not_found')
  }
  if (scope.documentIds) {
    const wanted = [...new Set(scope.documentIds)]
    const { document } = schema
    const [found] = await tx
      .select({ n: count() })
      .from(document)
      .where(and(eq(document.orgId, orgId), inArray(document.id, wanted)))
    if (found?.n !== wanted.length) throw new AppError('not_found')
  }
}

import { and, count, eq } from 'drizzle-orm'
import { AppError, collectionId, type Collection, type CollectionId, type OrgId } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'

/** The collection as lists show it. Throws AppError('not_found') where the actor of the transaction may not see it. */
export const requireCollection = async (tx: TenantTx, orgId: OrgId, id: CollectionId): Promise<Collection> => {
  const { collection, document } = schema
  const [row] = await tx
    .select({
      id: collection.id,
      name: collection.name,
      visibility: collection.visibility,
      createdAt: collection.createdAt,
    })
    .from(collection)
    .where(and(eq(collection.orgId, orgId), eq(collection.id, id)))
  if (!row) throw new AppError('not_found')
  const [documents] = await tx
    .select({ n: count() })
    .from(document)
    .where(and(eq(document.orgId, orgId), eq(document.collectionId, id)))
  return {
    ...row,
    id: collectionId.parse(row.id),
    documents: documents?.n ?? 0,
    createdAt: row.createdAt.toISOString(),
  }
}

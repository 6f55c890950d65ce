import { and, asc, count, eq } from 'drizzle-orm'
import { collectionId, type Collection } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'

/** Collections that the actor may see, by name, with the number of documents in each. */
export const listCollections = async (ctx: VerbContext): Promise<Collection[]> => {
  authorise(ctx, 'collections.read')
  const { collection, document } = schema
  const rows = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select({
        id: collection.id,
        name: collection.name,
        visibility: collection.visibility,
        createdAt: collection.createdAt,
        documents: count(document.id),
      })
      .from(collection)
      .leftJoin(document, and(eq(document.orgId, collection.orgId), eq(document.collectionId, collection.id)))
      .where(eq(collection.orgId, ctx.actor.orgId))
      .groupBy(collection.orgId, collection.id)
      .orderBy(asc(collection.name)),
  )
  return rows.map((row) => ({ ...row, id: collectionId.parse(row.id), createdAt: row.createdAt.toISOString() }))
}

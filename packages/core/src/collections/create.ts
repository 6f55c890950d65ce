import {
  AppError,
  collectionId,
  MOST_COLLECTIONS,
  type Collection,
  type createCollectionInput,
} from '@quarry/contracts'
import { emitSignal, recordAudit, schema, newId } from '@quarry/db'
import type { z } from 'zod'
import { count, eq } from 'drizzle-orm'
import { authorise } from '../access/authorise.ts'
import { requireRoom } from '../access/require-room.ts'
import type { VerbContext } from '../context.ts'

/** Throws AppError('conflict') when the name is taken, or there is room for no more. */
export const createCollection = async (
  ctx: VerbContext,
  input: z.infer<typeof createCollectionInput>,
): Promise<Collection> => {
  authorise(ctx, 'collections.manage')
  const { orgId } = ctx.actor
  const { collection } = schema
  const id = collectionId.parse(newId())
  const { name, visibility } = input
  const createdAt = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    // Who may make one sees all. Two at the same moment may go one past the bound, which harms nobody.
    const [there] = await tx.select({ n: count() }).from(collection).where(eq(collection.orgId, orgId))
    requireRoom(there?.n ?? 0, MOST_COLLECTIONS, {
      things: 'collections',
      action: 'Delete one that nobody needs any more.',
    })
    const [row] = await tx
      .insert(collection)
      .values({ orgId, id, name, visibility, createdBy: ctx.actor.id })
      .onConflictDoNothing({ target: [collection.orgId, collection.name] })
      .returning({ createdAt: collection.createdAt })
    if (!row)
      throw new AppError('conflict', {
        message: 'There is a collection with this name already.',
        action: 'Choose another name.',
      })
    await recordAudit(tx, {
      actor: ctx.actor,
      action: 'collection.create',
      subjectKind: 'collection',
      subjectId: id,
      details: { name, visibility },
      requestId: ctx.requestId,
    })
    await emitSignal(tx, 'collection', id)
    return row.createdAt
  })
  return { id, name, visibility, documents: 0, createdAt: createdAt.toISOString() }
}

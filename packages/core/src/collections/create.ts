import { AppError, collectionId, type Collection, type createCollectionInput } from '@quarry/contracts'
import { emitSignal, recordAudit, schema, newId } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'

/** Throws AppError('conflict') when the name is taken. */
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

import { and, eq } from 'drizzle-orm'
import { AppError, type Collection, type updateCollectionInput } from '@quarry/contracts'
import { DatabaseError, emitSignal, recordAudit, schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import { stopRunsWithoutAccess } from '../access/stop-runs.ts'
import { managerIds, takeTurn } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { VerbContext } from '../context.ts'
import { requireCollection } from './require-collection.ts'

/** SQLSTATE 23505. */
const UNIQUE_VIOLATION = '23505'

/**
 * Renames, opens or closes a collection. Who may not see it any more is not told what it says, from the next second on:
 * answers that may draw on it end. Throws AppError('not_found'), ('conflict') when the name is taken.
 */
export const updateCollection = async (
  ctx: VerbContext,
  input: z.infer<typeof updateCollectionInput>,
): Promise<Collection> => {
  authorise(ctx, 'collections.manage')
  const { orgId } = ctx.actor
  const { collection } = schema
  return ctx.deps.database
    .accounts(async (tx, enter) => {
      await takeTurn(tx, ctx.actor, 'collections.manage')
      const managers = await managerIds(tx, orgId)
      const tenantTx = await enter(systemActor(orgId))
      const before = await requireCollection(tenantTx, orgId, input.id)
      const { name = before.name, visibility = before.visibility } = input
      if (name === before.name && visibility === before.visibility) return before
      await tenantTx
        .update(collection)
        .set({ name, visibility })
        .where(and(eq(collection.orgId, orgId), eq(collection.id, input.id)))
      if (visibility === 'restricted' && before.visibility !== 'restricted')
        await stopRunsWithoutAccess(tenantTx, orgId, input.id, managers)
      await recordAudit(tenantTx, {
        actor: ctx.actor,
        action: 'collection.update',
        subjectKind: 'collection',
        subjectId: input.id,
        details: {
          name: before.name,
          ...(name === before.name ? {} : { rename: { from: before.name, to: name } }),
          ...(visibility === before.visibility ? {} : { visibility: { from: before.visibility, to: visibility } }),
        },
        requestId: ctx.requestId,
      })
      await emitSignal(tenantTx, 'collection', input.id)
      return { ...before, name, visibility }
    })
    .catch((error: unknown) => {
      if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION)
        throw new AppError('conflict', {
          message: 'There is a collection with this name already.',
          action: 'Choose another name.',
        })
      throw error
    })
}

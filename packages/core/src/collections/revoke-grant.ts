import { and, eq } from 'drizzle-orm'
import type { z } from 'zod'
import type { grantInput } from '@quarry/contracts'
import { emitSignals, recordAudit, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { stopRunsWithoutAccess } from '../access/stop-runs.ts'
import { managerIds, takeTurn } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { VerbContext } from '../context.ts'
import { requireGrantee } from './grantees.ts'
import { requireCollection } from './require-collection.ts'

/**
 * Takes a grant away; from the next second on nothing of the collection is told to who had it, and an answer that may
 * draw on it ends. One that is not there is no error. Throws AppError('not_found') for the collection or the grantee.
 */
export const revokeGrant = (
  ctx: VerbContext,
  input: z.infer<typeof grantInput>,
): Promise<z.infer<typeof grantInput>> => {
  authorise(ctx, 'collections.manage')
  const { orgId } = ctx.actor
  const { collectionId, grantee } = input
  const { collectionGrant } = schema
  return ctx.deps.database.accounts(async (tx, enter) => {
    await takeTurn(tx, ctx.actor, 'collections.manage')
    const { name, email } = await requireGrantee(tx, orgId, grantee)
    const managers = await managerIds(tx, orgId)
    // Answers are their owner's alone.
    const tenantTx = await enter(systemActor(orgId))
    const collection = await requireCollection(tenantTx, orgId, collectionId)
    const taken = await tenantTx
      .delete(collectionGrant)
      .where(
        and(
          eq(collectionGrant.orgId, orgId),
          eq(collectionGrant.collectionId, collectionId),
          eq(collectionGrant.granteeKind, grantee.kind),
          eq(collectionGrant.granteeId, grantee.id),
        ),
      )
      .returning({ granteeId: collectionGrant.granteeId })
    if (taken.length === 0) return input
    if (collection.visibility === 'restricted') await stopRunsWithoutAccess(tenantTx, orgId, collectionId, managers)
    await recordAudit(tenantTx, {
      actor: ctx.actor,
      action: 'collection.revoke',
      subjectKind: 'collection',
      subjectId: collectionId,
      details: { name: collection.name, grantee: { ...grantee, name, email } },
      requestId: ctx.requestId,
    })
    await emitSignals(tenantTx, [
      { topic: 'access', subjectId: grantee.id },
      { topic: 'collection', subjectId: collectionId },
    ])
    return input
  })
}

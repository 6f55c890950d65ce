import type { z } from 'zod'
import type { grantInput } from '@quarry/contracts'
import { emitSignals, recordAudit, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { takeTurn } from '../accounts/standing.ts'
import type { VerbContext } from '../context.ts'
import { requireGrantee } from './grantees.ts'
import { requireCollection } from './require-collection.ts'

/** Lets a member or a key see a restricted collection. One that is there already stays. Throws AppError('not_found'). */
export const grantCollection = (
  ctx: VerbContext,
  input: z.infer<typeof grantInput>,
): Promise<z.infer<typeof grantInput>> => {
  authorise(ctx, 'collections.manage')
  const { actor } = ctx
  const { orgId } = actor
  const { collectionId, grantee } = input
  return ctx.deps.database.accounts(async (tx, enter) => {
    await takeTurn(tx, actor, 'collections.manage')
    const { name, email } = await requireGrantee(tx, orgId, grantee)
    const tenantTx = await enter(actor)
    const collection = await requireCollection(tenantTx, orgId, collectionId)
    const added = await tenantTx
      .insert(schema.collectionGrant)
      .values({ orgId, collectionId, granteeKind: grantee.kind, granteeId: grantee.id, grantedBy: actor.id })
      .onConflictDoNothing()
      .returning({ collectionId: schema.collectionGrant.collectionId })
    if (added.length === 0) return input
    await recordAudit(tenantTx, {
      actor,
      action: 'collection.grant',
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

import { and, eq } from 'drizzle-orm'
import { AppError, type InvitationId } from '@quarry/contracts'
import { authSchema, emitSignal } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import type { VerbContext } from '../context.ts'

/** Ends a link. One that was ended before stays so. Throws AppError('not_found'), ('conflict') for one that was used. */
export const revokeInvitation = (ctx: VerbContext, input: { id: InvitationId }): Promise<{ id: InvitationId }> => {
  authorise(ctx, 'members.manage')
  const { invitation } = authSchema
  return auditedWrite(ctx.deps.database, ctx.actor, async (tx) => {
    await takeTurn(tx, ctx.actor, 'members.manage')
    const [row] = await tx
      .select({ status: invitation.status, email: invitation.email })
      .from(invitation)
      .where(and(eq(invitation.organizationId, ctx.actor.orgId), eq(invitation.id, input.id)))
    if (!row) throw new AppError('not_found')
    if (row.status === 'accepted')
      throw new AppError('conflict', {
        message: `${row.email} has joined already.`,
        action: 'Remove the member instead.',
      })
    const result = { id: input.id }
    if (row.status !== 'pending') return { result, audit: null }
    await tx.update(invitation).set({ status: 'revoked', tokenHash: null }).where(eq(invitation.id, input.id))
    return {
      result,
      audit: {
        actor: ctx.actor,
        action: 'invitation.revoke',
        subjectKind: 'invitation',
        subjectId: input.id,
        details: { email: row.email },
        requestId: ctx.requestId,
      },
      inOrganisation: (tenantTx) => emitSignal(tenantTx, 'member', input.id),
    }
  })
}

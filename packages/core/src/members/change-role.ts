import { eq } from 'drizzle-orm'
import { AppError, can, outranks, type MemberId, type Role } from '@quarry/contracts'
import { authSchema, emitSignals } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { stopRunsOf } from '../access/stop-runs.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { VerbContext } from '../context.ts'
import { revokeInvitationsOf } from './end-membership.ts'
import { requireAnotherOwner, requireMember } from './membership.ts'

/**
 * Counts from the next second on, in what is open as well. Throws AppError('not_found'), ('forbidden') where the old or
 * the new role is above the caller's, ('conflict') where nobody would be left as owner.
 */
export const changeRole = (
  ctx: VerbContext,
  input: { id: MemberId; role: Role },
): Promise<{ id: MemberId; role: Role }> => {
  authorise(ctx, 'members.manage')
  const { orgId } = ctx.actor
  const { member } = authSchema
  return auditedWrite(ctx.deps.database, systemActor(orgId), async (tx) => {
    const own = await takeTurn(tx, ctx.actor, 'members.manage')
    const target = await requireMember(tx, orgId, eq(member.id, input.id))
    if (outranks(target.role, own)) throw new AppError('forbidden', { message: 'Their role is above yours.' })
    if (outranks(input.role, own)) throw new AppError('forbidden', { message: 'This role is above yours.' })
    const result = { id: target.id, role: input.role }
    if (target.role === input.role) return { result, audit: null }
    if (target.role === 'owner') await requireAnotherOwner(tx, orgId)
    await tx.update(member).set({ role: input.role }).where(eq(member.id, target.id))
    if (!can(input.role, 'members.manage')) await revokeInvitationsOf(tx, orgId, target.userId)
    return {
      result,
      audit: {
        actor: ctx.actor,
        action: 'member.role',
        subjectKind: 'user',
        subjectId: target.userId,
        details: { from: target.role, to: input.role, email: target.email },
        requestId: ctx.requestId,
      },
      inOrganisation: async (tenantTx) => {
        // An answer under way reads with the role that asked for it.
        if (outranks(target.role, input.role)) await stopRunsOf(tenantTx, orgId, target.userId)
        await emitSignals(tenantTx, [
          { topic: 'access', subjectId: target.userId },
          { topic: 'member', subjectId: target.id },
        ])
      },
    }
  })
}

import { eq } from 'drizzle-orm'
import { AppError, outranks, type MemberId } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { VerbContext } from '../context.ts'
import { endMembership } from './end-membership.ts'
import { requireMember } from './membership.ts'

/**
 * From the next second on the person sees nothing of the organisation, whatever they have open. Throws
 * AppError('not_found'), ('forbidden') for somebody above the caller, ('conflict') for the last owner.
 */
export const removeMember = (ctx: VerbContext, input: { id: MemberId }): Promise<{ id: MemberId }> => {
  authorise(ctx, 'members.manage')
  const { orgId } = ctx.actor
  return auditedWrite(ctx.deps.database, systemActor(orgId), async (tx) => {
    const own = await takeTurn(tx, ctx.actor, 'members.manage')
    const gone = await requireMember(tx, orgId, eq(authSchema.member.id, input.id))
    if (outranks(gone.role, own)) throw new AppError('forbidden', { message: 'Their role is above yours.' })
    return {
      result: { id: gone.id },
      audit: {
        actor: ctx.actor,
        action: 'member.remove',
        subjectKind: 'user',
        subjectId: gone.userId,
        details: { role: gone.role, email: gone.email },
        requestId: ctx.requestId,
      },
      inOrganisation: await endMembership(tx, orgId, gone),
    }
  })
}

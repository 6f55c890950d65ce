import { eq } from 'drizzle-orm'
import { AppError, type MemberId } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { VerbContext } from '../context.ts'
import { endMembership } from './end-membership.ts'
import { requireMember } from './membership.ts'

/** The caller leaves the organisation that they work in. Throws AppError('conflict') for its last owner. */
export const leaveOrganisation = async (ctx: VerbContext): Promise<{ id: MemberId }> => {
  const { actor } = ctx
  if (actor.kind !== 'user') throw new AppError('forbidden', { message: 'A key is revoked; only people leave.' })
  return auditedWrite(ctx.deps.database, systemActor(actor.orgId), async (tx) => {
    await takeTurn(tx, actor, null)
    const gone = await requireMember(tx, actor.orgId, eq(authSchema.member.userId, actor.id))
    return {
      result: { id: gone.id },
      audit: {
        actor,
        action: 'member.leave',
        subjectKind: 'user',
        subjectId: gone.userId,
        details: { role: gone.role, email: gone.email },
        requestId: ctx.requestId,
      },
      inOrganisation: await endMembership(tx, actor.orgId, gone),
    }
  })
}

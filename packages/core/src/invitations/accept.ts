import { and, eq } from 'drizzle-orm'
import {
  AppError,
  orgId as orgIdSchema,
  role as roleSchema,
  type Actor,
  type OrgId,
  type UserId,
} from '@quarry/contracts'
import { authSchema, emitSignal, newId, recordAudit, type AccountTx } from '@quarry/db'
import { lockOrganisation } from '../accounts/standing.ts'
import type { CoreDeps, PersonContext } from '../context.ts'
import { switchOrganisation } from '../organisation/switch.ts'
import { findByToken, invitationIsOver, requireAddress } from './find-open.ts'

const { invitation, member, user } = authSchema

/**
 * The person joins the organisation of the link, and their session goes on in it. Accepting again, or as a member,
 * changes no role. Throws AppError('not_found'), or ('forbidden') for another address than the one invited.
 */
export const acceptInvitation = async (
  ctx: PersonContext,
  input: { token: string },
): Promise<{ organisationId: OrgId }> => {
  const { userId } = ctx.person
  const organisationId = await joinByInvitation(ctx.deps, { userId, token: input.token, requestId: ctx.requestId })
  await switchOrganisation(ctx, { id: organisationId })
  return { organisationId }
}

export interface Joining {
  readonly userId: UserId
  readonly token: string
  readonly requestId: string
}

/** The same for somebody whose session is still being made. Safe to do again after a crash. */
export const joinByInvitation = ({ database }: Pick<CoreDeps, 'database'>, joining: Joining): Promise<OrgId> =>
  database.accounts(async (tx, enter) => {
    const { userId, token, requestId } = joining
    const orgId = orgIdSchema.parse((await findByToken(tx, token)).organizationId)
    await lockOrganisation(tx, orgId)
    // As it is now that nobody else can use it.
    const found = await findByToken(tx, token)
    const [person] = await tx.select({ email: user.email }).from(user).where(eq(user.id, userId))
    if (!person) throw new AppError('unauthenticated')
    requireAddress(found.email, person.email)
    const earlier = await roleOf(tx, orgId, userId)
    if (found.status !== 'pending' && earlier === null) throw invitationIsOver()
    const role = earlier ?? roleSchema.parse(found.role)
    if (earlier === null) await tx.insert(member).values({ id: newId(), organizationId: orgId, userId, role })
    if (found.status !== 'pending') return orgId
    await tx.update(invitation).set({ status: 'accepted' }).where(eq(invitation.id, found.id))
    const actor: Actor = { kind: 'user', id: userId, orgId, role }
    const tenantTx = await enter(actor)
    await recordAudit(tenantTx, {
      actor,
      action: 'invitation.accept',
      subjectKind: 'invitation',
      subjectId: found.id,
      details: { email: found.email, role, wasMember: earlier !== null },
      requestId,
    })
    await emitSignal(tenantTx, 'member', found.id)
    return orgId
  })

const roleOf = async (tx: AccountTx, orgId: OrgId, userId: UserId) => {
  const [row] = await tx
    .select({ role: member.role })
    .from(member)
    .where(and(eq(member.organizationId, orgId), eq(member.userId, userId)))
  return row ? roleSchema.parse(row.role) : null
}

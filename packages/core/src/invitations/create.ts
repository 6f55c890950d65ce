import { and, count, eq, gt, sql } from 'drizzle-orm'
import {
  AppError,
  MOST_MEMBERS,
  outranks,
  type createInvitationInput,
  type createInvitationOutput,
} from '@quarry/contracts'
import { authSchema, emitSignal, newId, type AccountTx } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import { requireRoom } from '../access/require-room.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import type { VerbContext } from '../context.ts'
import { toInvitation } from './invitation-row.ts'
import { hashInvitationToken, invitationLink, newInvitationToken } from './token.ts'

const DAY_MS = 86_400_000
const { invitation, member, user } = authSchema

/**
 * A link with which one person, at this address, joins once. It is in the reply and nowhere else; inviting the same
 * address again ends the link of before. Throws AppError('forbidden') for a role above the caller's own, ('conflict')
 * for somebody who is a member already.
 */
export const createInvitation = async (
  ctx: VerbContext,
  input: z.infer<typeof createInvitationInput>,
): Promise<z.infer<typeof createInvitationOutput>> => {
  authorise(ctx, 'members.manage')
  const { actor } = ctx
  if (actor.kind !== 'user')
    throw new AppError('forbidden', { message: 'A key invites nobody.', action: 'Sign in to invite somebody.' })
  const token = newInvitationToken()
  const row = await auditedWrite(ctx.deps.database, actor, async (tx) => {
    const own = await takeTurn(tx, actor, 'members.manage')
    if (outranks(input.role, own)) throw new AppError('forbidden', { message: 'This role is above yours.' })
    await requireNoMember(tx, actor.orgId, input.email)
    const id = await pendingFor(tx, actor.orgId, input.email)
    if (id === null) await requirePlace(tx, actor.orgId)
    const values = {
      email: input.email,
      role: input.role,
      inviterId: actor.id,
      expiresAt: new Date(Date.now() + input.expiresInDays * DAY_MS),
      createdAt: new Date(),
      tokenHash: hashInvitationToken(token),
    }
    const [stored] = id
      ? await tx.update(invitation).set(values).where(eq(invitation.id, id)).returning()
      : await tx
          .insert(invitation)
          .values({ ...values, id: newId(), organizationId: actor.orgId, status: 'pending' })
          .returning()
    const [inviter] = await tx.select({ name: user.name }).from(user).where(eq(user.id, actor.id))
    if (!stored || !inviter) throw new Error('the invitation was not stored')
    return {
      result: { ...stored, invitedBy: inviter.name },
      audit: {
        actor,
        action: 'invitation.create',
        subjectKind: 'invitation',
        subjectId: stored.id,
        details: { email: input.email, role: input.role, replaced: id !== null },
        requestId: ctx.requestId,
      },
      inOrganisation: (tenantTx) => emitSignal(tenantTx, 'member', stored.id),
    }
  })
  return { invitation: toInvitation(row), link: invitationLink(ctx.deps.adapters.publicUrl, token) }
}

const requireNoMember = async (tx: AccountTx, orgId: string, email: string): Promise<void> => {
  const [found] = await tx
    .select({ id: member.id })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(and(eq(member.organizationId, orgId), eq(user.email, email)))
  if (found)
    throw new AppError('conflict', {
      message: `${email} belongs to this workspace already.`,
      action: 'Change their role instead, where they are listed.',
    })
}

const pendingFor = async (tx: AccountTx, orgId: string, email: string): Promise<string | null> => {
  const [found] = await tx
    .select({ id: invitation.id })
    .from(invitation)
    .where(and(eq(invitation.organizationId, orgId), eq(invitation.email, email), eq(invitation.status, 'pending')))
  return found?.id ?? null
}

/** For one more person, if all who have a link that counts come. */
const requirePlace = async (tx: AccountTx, orgId: string): Promise<void> => {
  const [members] = await tx.select({ n: count() }).from(member).where(eq(member.organizationId, orgId))
  const [invited] = await tx
    .select({ n: count() })
    .from(invitation)
    .where(
      and(eq(invitation.organizationId, orgId), eq(invitation.status, 'pending'), gt(invitation.expiresAt, sql`now()`)),
    )
  requireRoom((members?.n ?? 0) + (invited?.n ?? 0), MOST_MEMBERS, {
    things: 'members, with those who are invited',
    action: 'Remove somebody, or revoke a link that nobody has used.',
  })
}

import { desc, eq, sql } from 'drizzle-orm'
import type { Invitation } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { invitationColumns, toInvitation } from './invitation-row.ts'

/** More than any workspace has open at a time; of those that are over, the oldest are in the audit log. */
const MOST_SHOWN = 500

/** The organisation's invitations, those that are still open first, each group newest first. Without their links. */
export const listInvitations = async (ctx: VerbContext): Promise<Invitation[]> => {
  authorise(ctx, 'members.manage')
  const { invitation, user } = authSchema
  const rows = await ctx.deps.database.auth
    .select(invitationColumns)
    .from(invitation)
    .innerJoin(user, eq(user.id, invitation.inviterId))
    .where(eq(invitation.organizationId, ctx.actor.orgId))
    .orderBy(sql`${invitation.status} = 'pending' desc`, desc(invitation.createdAt), desc(invitation.id))
    .limit(MOST_SHOWN)
  return rows.map((row) => toInvitation(row))
}

import { asc, eq, sql } from 'drizzle-orm'
import { memberId, RANKED_ROLES, role, userId, type Member } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'

/** Everybody in the organisation, those who may most first, then by name. */
export const listMembers = async (ctx: VerbContext): Promise<Member[]> => {
  authorise(ctx, 'members.read')
  const { member, session, user } = authSchema
  const { orgId } = ctx.actor
  const rows = await ctx.deps.database.auth
    .select({
      id: member.id,
      userId: user.id,
      name: user.name,
      email: user.email,
      role: member.role,
      joinedAt: member.createdAt,
      // Of sessions in this organisation only: what somebody does in another one is not told here. Exact to a day, which
      // is how often a session in use is prolonged.
      lastSeenAt: sql<Date | null>`(
        select max(${session.updatedAt}) from ${session}
        where ${session.userId} = ${user.id} and ${session.activeOrganizationId} = ${orgId})`.mapWith(
        session.updatedAt,
      ),
    })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(eq(member.organizationId, orgId))
    .orderBy(asc(sql`lower(${user.name})`), asc(user.email))
  const rank = ({ role }: Member) => RANKED_ROLES.indexOf(role)
  return rows
    .map((row) => ({
      ...row,
      id: memberId.parse(row.id),
      userId: userId.parse(row.userId),
      role: role.parse(row.role),
      joinedAt: row.joinedAt.toISOString(),
      lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    }))
    .toSorted((one, other) => rank(one) - rank(other))
}

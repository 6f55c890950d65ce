import { and, count, eq, type SQL } from 'drizzle-orm'
import { AppError, memberId, role, userId, type MemberId, type OrgId, type Role, type UserId } from '@quarry/contracts'
import { authSchema, type AccountTx } from '@quarry/db'

export interface Membership {
  readonly id: MemberId
  readonly userId: UserId
  readonly role: Role
  readonly email: string
}

const { member, user } = authSchema

/** Throws AppError('not_found'), for members of other organisations as well. */
export const requireMember = async (tx: AccountTx, orgId: OrgId, which: SQL): Promise<Membership> => {
  const [row] = await tx
    .select({ id: member.id, userId: member.userId, role: member.role, email: user.email })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(and(eq(member.organizationId, orgId), which))
  if (!row) throw new AppError('not_found')
  return { ...row, id: memberId.parse(row.id), userId: userId.parse(row.userId), role: role.parse(row.role) }
}

/** Throws AppError('conflict') when nobody else could manage the organisation. Only while others wait: see `takeTurn`. */
export const requireAnotherOwner = async (tx: AccountTx, orgId: OrgId): Promise<void> => {
  const [owners] = await tx
    .select({ n: count() })
    .from(member)
    .where(and(eq(member.organizationId, orgId), eq(member.role, 'owner')))
  if ((owners?.n ?? 0) < 2)
    throw new AppError('conflict', {
      message: 'This is the last owner of the workspace.',
      action: 'Make somebody else an owner first.',
    })
}

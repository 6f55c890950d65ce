import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import {
  AppError,
  can,
  role as roleSchema,
  type Actor,
  type OrgId,
  type Permission,
  type Role,
} from '@quarry/contracts'
import { authSchema, type AccountTx } from '@quarry/db'
import { readKeyRole } from './key-secret.ts'

const { apikey, member, organization } = authSchema

/**
 * The role that the caller has in the organisation by now; null for who was removed, for a key that is over, and for all
 * where it is closed.
 */
export const readStanding = async (auth: AccountTx, actor: Actor): Promise<Role | null> => {
  if (actor.kind === 'system') return actor.role
  if (actor.kind === 'user') {
    const [row] = await auth
      .select({ role: member.role })
      .from(member)
      .innerJoin(organization, eq(organization.id, member.organizationId))
      .where(and(eq(member.organizationId, actor.orgId), eq(member.userId, actor.id), isNull(organization.closedAt)))
    return row ? roleSchema.parse(row.role) : null
  }
  const [row] = await auth
    .select({ metadata: apikey.metadata })
    .from(apikey)
    .innerJoin(organization, eq(organization.id, actor.orgId))
    .where(
      and(
        eq(apikey.id, actor.id),
        eq(apikey.referenceId, actor.orgId),
        isNull(organization.closedAt),
        sql`${apikey.enabled} is not false and coalesce(${apikey.expiresAt} > now(), true)`,
      ),
    )
  return row ? readKeyRole(row.metadata) : null
}

/**
 * Makes those who change who belongs to an organisation, or who sees what in it, take turns, and looks again at the
 * caller, whose own role may have been changed a moment ago. Returns the caller's role. Throws
 * AppError('unauthenticated') or ('forbidden').
 */
export const takeTurn = async (tx: AccountTx, actor: Actor, permission: Permission | null): Promise<Role> => {
  await lockOrganisation(tx, actor.orgId)
  const standing = await readStanding(tx, actor)
  if (standing === null) throw noLongerIn()
  if (permission !== null && !can(standing, permission)) throw new AppError('forbidden')
  return standing
}

/** Rows that refer to the organisation can still be added by others: their keys are not locked. */
export const lockOrganisation = async (tx: AccountTx, orgId: OrgId): Promise<void> => {
  await tx.select({ id: organization.id }).from(organization).where(eq(organization.id, orgId)).for('no key update')
}

export const noLongerIn = (): AppError =>
  new AppError('unauthenticated', { message: 'You do not belong to this workspace any more.' })

/** People and keys whose role shows them every collection. */
export const managerIds = async (tx: AccountTx, orgId: OrgId): Promise<string[]> => {
  const people = await tx
    .select({ id: member.userId })
    .from(member)
    .where(and(eq(member.organizationId, orgId), inArray(member.role, ['owner', 'admin'])))
  const keys = await tx
    .select({ id: apikey.id, metadata: apikey.metadata })
    .from(apikey)
    .where(eq(apikey.referenceId, orgId))
  const managing = keys.filter(({ metadata }) => readKeyRole(metadata) === 'admin')
  return [...people, ...managing].map(({ id }) => id)
}

import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { AppError, can, orgId, PERMISSIONS, role as roleSchema, type Me, type Permission } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import type { VerbContext } from '../context.ts'

/** Who is calling, where, and what they may do. */
export const describeMe = async (ctx: VerbContext): Promise<Me> => {
  const { actor, deps } = ctx
  if (actor.kind === 'system') throw new AppError('forbidden')
  const { apikey, member, organization, user } = authSchema
  const { auth } = deps.database
  const [[found], [inOrganisation], organisations] = await Promise.all([
    actor.kind === 'user'
      ? auth
          .select({ name: user.name, email: user.email, operator: sql<boolean>`is_installation_owner(${user.id})` })
          .from(user)
          .where(eq(user.id, actor.id))
      : auth.select({ name: apikey.name }).from(apikey).where(eq(apikey.id, actor.id)),
    auth.select({ name: organization.name }).from(organization).where(eq(organization.id, actor.orgId)),
    actor.kind === 'user'
      ? auth
          .select({ id: organization.id, name: organization.name, role: member.role })
          .from(member)
          .innerJoin(organization, eq(organization.id, member.organizationId))
          .where(and(eq(member.userId, actor.id), isNull(organization.closedAt)))
          .orderBy(asc(member.createdAt), asc(member.id))
      : [],
  ])
  if (!found || !inOrganisation) throw new AppError('unauthenticated')
  return {
    kind: actor.kind,
    id: actor.id,
    name: found.name ?? '',
    email: 'email' in found ? found.email : null,
    role: actor.role,
    organisation: { id: actor.orgId, name: inOrganisation.name },
    organisations:
      actor.kind === 'user'
        ? organisations.map(({ id, name, role }) => ({ id: orgId.parse(id), name, role: roleSchema.parse(role) }))
        : [{ id: actor.orgId, name: inOrganisation.name, role: actor.role }],
    operator: 'operator' in found && found.operator,
    permissions: permissions().filter((permission) => can(actor.role, permission)),
    model: { id: deps.chatModel.id, builtIn: deps.chatModel.builtIn },
    limits: { uploadMaxBytes: deps.limits.uploadMaxBytes },
  }
}

const permissions = (): Permission[] => Object.keys(PERMISSIONS) as Permission[]

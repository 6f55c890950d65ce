import { eq } from 'drizzle-orm'
import { AppError, can, PERMISSIONS, type Me, type Permission } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import type { VerbContext } from '../context.ts'

/** Who is calling, where, and what they may do. */
export const describeMe = async (ctx: VerbContext): Promise<Me> => {
  const { actor, deps } = ctx
  if (actor.kind === 'system') throw new AppError('forbidden')
  const { apikey, organization, user } = authSchema
  const { auth } = deps.database
  const [[found], [inOrganisation]] = await Promise.all([
    actor.kind === 'user'
      ? auth.select({ name: user.name, email: user.email }).from(user).where(eq(user.id, actor.id))
      : auth.select({ name: apikey.name }).from(apikey).where(eq(apikey.id, actor.id)),
    auth.select({ name: organization.name }).from(organization).where(eq(organization.id, actor.orgId)),
  ])
  if (!found || !inOrganisation) throw new AppError('unauthenticated')
  return {
    kind: actor.kind,
    name: found.name ?? '',
    email: 'email' in found ? found.email : null,
    role: actor.role,
    organisation: { id: actor.orgId, name: inOrganisation.name },
    permissions: permissions().filter((permission) => can(actor.role, permission)),
    model: { id: deps.chatModel.id, builtIn: deps.chatModel.builtIn },
    limits: { uploadMaxBytes: deps.limits.uploadMaxBytes },
  }
}

const permissions = (): Permission[] => Object.keys(PERMISSIONS) as Permission[]

import { eq } from 'drizzle-orm'
import { role, type invitationPreview } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import type { z } from 'zod'
import type { OpenContext } from '../context.ts'
import { findByToken, invitationIsOver } from './find-open.ts'

/** What a link is about, for whoever holds it, signed in or not. Throws AppError('not_found') unless it can be used. */
export const previewInvitation = async (
  ctx: OpenContext,
  input: { token: string },
): Promise<z.infer<typeof invitationPreview>> => {
  const { auth } = ctx.deps.database
  const { organization, user } = authSchema
  const found = await findByToken(auth, input.token)
  if (found.status !== 'pending') throw invitationIsOver()
  const [[inOrganisation], [inviter], [invited]] = await Promise.all([
    auth.select({ name: organization.name }).from(organization).where(eq(organization.id, found.organizationId)),
    auth.select({ name: user.name }).from(user).where(eq(user.id, found.inviterId)),
    auth.select({ id: user.id }).from(user).where(eq(user.email, found.email)),
  ])
  if (!inOrganisation || !inviter) throw invitationIsOver()
  return {
    organisation: inOrganisation.name,
    email: found.email,
    role: role.parse(found.role),
    invitedBy: inviter.name,
    expiresAt: found.expiresAt.toISOString(),
    hasAccount: invited !== undefined,
  }
}

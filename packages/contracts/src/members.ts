import { z } from 'zod'
import { invitationId, memberId, orgId, userId } from './ids.ts'
import { role } from './permissions.ts'
import { text } from './text.ts'

export const member = z.object({
  id: memberId,
  userId,
  name: z.string(),
  email: z.string(),
  role,
  joinedAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
})
export type Member = z.infer<typeof member>

/** Throws `conflict` where it would leave the organisation without an owner. */
export const changeRoleInput = z.strictObject({ id: memberId, role })
export const removeMemberInput = z.strictObject({ id: memberId })

export const invitation = z.object({
  id: invitationId,
  email: z.string(),
  role,
  state: z.enum(['pending', 'accepted', 'revoked', 'expired']),
  invitedBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
export type Invitation = z.infer<typeof invitation>

/** A role above the inviter's own is refused. An address that has a pending invitation gets a new link; the old one ends. */
export const createInvitationInput = z.strictObject({
  email: z
    .email()
    .max(320)
    .transform((email) => email.toLowerCase()),
  role: role.exclude(['owner']).default('member'),
  expiresInDays: z.int().min(1).max(30).default(7),
})
/** `link` is shown once: only the hash of its token is stored. */
export const createInvitationOutput = z.object({ invitation, link: z.url() })
export const revokeInvitationInput = z.strictObject({ id: invitationId })

/** 256 random bits, base64url. */
export const invitationToken = text.regex(/^[\w-]{43}$/)
export const invitationTokenInput = z.strictObject({ token: invitationToken })
/** What somebody who holds the link may know before signing in. An unknown, used, revoked or expired token: `not_found`. */
export const invitationPreview = z.object({
  organisation: z.string(),
  email: z.string(),
  role,
  invitedBy: z.string(),
  expiresAt: z.iso.datetime(),
  /** Whether there is an account with this address: sign in, or sign up. */
  hasAccount: z.boolean(),
})
export const acceptInvitationOutput = z.object({ organisationId: orgId })

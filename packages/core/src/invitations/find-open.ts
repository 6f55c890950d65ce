import { and, eq, sql } from 'drizzle-orm'
import { AppError } from '@quarry/contracts'
import { authSchema, type AccountTx } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import { hashInvitationToken } from './token.ts'

const { invitation, organization } = authSchema

/**
 * The invitation that a link opens, used or not. Throws AppError('not_found') for an unknown or revoked one, for one
 * that expired before it was used, and where the organisation is closed.
 */
export const findByToken = async (auth: AccountTx, token: string) => {
  const [row] = await auth
    .select()
    .from(invitation)
    .where(
      and(
        eq(invitation.tokenHash, hashInvitationToken(token)),
        sql`exists (select from ${organization} where ${organization.id} = ${invitation.organizationId}
          and ${organization.closedAt} is null)`,
        sql`(${invitation.status} = 'accepted' or (${invitation.status} = 'pending' and ${invitation.expiresAt} > now()))`,
      ),
    )
  if (!row) throw invitationIsOver()
  return row
}

export const invitationIsOver = (): AppError =>
  new AppError('not_found', {
    message: 'This invitation was used, has ended, or never was.',
    action: 'Ask whoever invited you for a new link.',
  })

/** Says which address is invited: who holds the link may know, and is likely signed in as somebody else. */
export const requireAddress = (invited: string, email: string): void => {
  if (invited.toLowerCase() !== email.trim().toLowerCase())
    throw new AppError('forbidden', {
      message: `This invitation is for ${invited}.`,
      action: 'Sign out, and sign in with that address.',
      details: { email: invited },
    })
}

/** Before an account is made for it, or signed in to: the link is one that this address may use. Throws as the above. */
export const requireInvitation = async (
  { database }: Pick<CoreDeps, 'database'>,
  token: string,
  email: string,
): Promise<void> => requireAddress((await findByToken(database.auth, token)).email, email)

import { invitationId, role, type Invitation } from '@quarry/contracts'
import { authSchema } from '@quarry/db'

const { invitation, user } = authSchema

/** Joined with the person who invited. */
export const invitationColumns = {
  id: invitation.id,
  email: invitation.email,
  role: invitation.role,
  status: invitation.status,
  createdAt: invitation.createdAt,
  expiresAt: invitation.expiresAt,
  invitedBy: user.name,
}

interface Row {
  readonly id: string
  readonly email: string
  readonly role: string | null
  readonly status: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly invitedBy: string
}

export const toInvitation = (row: Row, now = new Date()): Invitation => ({
  id: invitationId.parse(row.id),
  email: row.email,
  role: role.parse(row.role),
  state: stateOf(row, now),
  invitedBy: row.invitedBy,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
})

const stateOf = ({ status, expiresAt }: Pick<Row, 'status' | 'expiresAt'>, now: Date): Invitation['state'] => {
  if (status === 'accepted') return 'accepted'
  if (status !== 'pending') return 'revoked'
  return expiresAt <= now ? 'expired' : 'pending'
}

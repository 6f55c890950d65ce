import { and, eq } from 'drizzle-orm'
import type { OrgId, UserId } from '@quarry/contracts'
import { authSchema, emitSignals, type AccountTx, type TenantTx } from '@quarry/db'
import { endGrants } from '../access/end-grants.ts'
import { stopRunsOf } from '../access/stop-runs.ts'
import { readKeyMetadata } from '../accounts/key-secret.ts'
import { requireAnotherOwner, type Membership } from './membership.ts'

const { apikey, invitation, member, session } = authSchema

/**
 * Takes a member out. Their links to invite others end, so that they cannot let themselves in again; their
 * conversations stay, unseen, for the day they are invited again. Returns what is left to do in the organisation, in a
 * system actor's transaction. Throws AppError('conflict') for the last owner.
 */
export const endMembership = async (
  tx: AccountTx,
  orgId: OrgId,
  gone: Membership,
): Promise<(tx: TenantTx) => Promise<void>> => {
  if (gone.role === 'owner') await requireAnotherOwner(tx, orgId)
  await tx.delete(member).where(eq(member.id, gone.id))
  await tx
    .update(session)
    .set({ activeOrganizationId: null })
    .where(and(eq(session.userId, gone.userId), eq(session.activeOrganizationId, orgId)))
  await revokeInvitationsOf(tx, orgId, gone.userId)
  const keys = await tx
    .select({ id: apikey.id, metadata: apikey.metadata })
    .from(apikey)
    .where(eq(apikey.referenceId, orgId))
  const made = keys.filter(({ metadata }) => readKeyMetadata(metadata)?.madeBy?.id === gone.userId)
  return async (tenantTx) => {
    const ids = [gone.userId, ...made.map(({ id }) => id)]
    for (const id of ids) await stopRunsOf(tenantTx, orgId, id)
    await endGrants(tenantTx, orgId, ids)
    await emitSignals(tenantTx, [
      ...ids.map((subjectId) => ({ topic: 'access' as const, subjectId })),
      { topic: 'member', subjectId: gone.id },
    ])
  }
}

/** Ends the links that somebody made who may not invite any more. */
export const revokeInvitationsOf = async (tx: AccountTx, orgId: OrgId, inviterId: UserId): Promise<void> => {
  await tx
    .update(invitation)
    .set({ status: 'revoked', tokenHash: null })
    .where(
      and(eq(invitation.organizationId, orgId), eq(invitation.inviterId, inviterId), eq(invitation.status, 'pending')),
    )
}

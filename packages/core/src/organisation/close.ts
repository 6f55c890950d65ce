import { eq, sql } from 'drizzle-orm'
import type { OrgId, UserId } from '@quarry/contracts'
import { authSchema, emitSignals, type AccountTx, type TenantTx } from '@quarry/db'
import { stopAllRuns } from '../access/stop-runs.ts'

const { apikey, member, organization } = authSchema

export interface Closing {
  readonly orgId: OrgId
  /** Null: at the command line. */
  readonly by: UserId | null
  /** For so long it can be opened again. */
  readonly hours: number
}

/**
 * Closes an organisation that the caller has locked: from the next second on nobody gets in, whatever they have open, and
 * when its time is over it is deleted. Returns that moment, and what is left to do in the organisation, in a system actor's
 * transaction.
 */
export const closeOrganisation = async (
  tx: AccountTx,
  { orgId, by, hours }: Closing,
): Promise<{ deleteAt: Date; inOrganisation: (tx: TenantTx) => Promise<void> }> => {
  const [closed] = await tx
    .update(organization)
    .set({ closedAt: sql`now()`, closedBy: by, deleteAt: sql`now() + ${hours} * interval '1 hour'` })
    .where(eq(organization.id, orgId))
    .returning({ deleteAt: organization.deleteAt })
  if (!closed?.deleteAt) throw new Error('the organisation was not there to be closed')
  const callers = [
    ...(await tx.select({ id: member.userId }).from(member).where(eq(member.organizationId, orgId))),
    ...(await tx.select({ id: apikey.id }).from(apikey).where(eq(apikey.referenceId, orgId))),
  ]
  return {
    deleteAt: closed.deleteAt,
    inOrganisation: async (tenantTx) => {
      await stopAllRuns(tenantTx, orgId)
      await emitSignals(
        tenantTx,
        callers.map(({ id }) => ({ topic: 'access', subjectId: id })),
      )
    },
  }
}

/** Opens it again; returns when it had been closed, null when it is open or it is too late. The caller has locked it. */
export const reopenOrganisation = async (tx: AccountTx, orgId: OrgId): Promise<Date | null> => {
  // The clock is looked at behind the lock: from that moment on it may be being deleted.
  const [closed] = await tx
    .select({ at: organization.closedAt, inTime: sql<boolean>`${organization.deleteAt} > clock_timestamp()` })
    .from(organization)
    .where(eq(organization.id, orgId))
  if (!closed?.at || !closed.inTime) return null
  await tx
    .update(organization)
    .set({ closedAt: null, closedBy: null, deleteAt: null })
    .where(eq(organization.id, orgId))
  return closed.at
}

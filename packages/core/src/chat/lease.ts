import { and, eq, sql } from 'drizzle-orm'
import type { Signals } from '@quarry/cache'
import type { OrgId, RunId } from '@quarry/contracts'
import { emitSignal, schema, type TenantDb, type TenantTx } from '@quarry/db'

/** A run as its holder knows it; `attempt` is the fencing token. */
export interface Lease {
  readonly runId: RunId
  readonly attempt: number
  /** The process. */
  readonly holder: string
}

/**
 * The heartbeat. Who takes the run over waits for this transaction, and then reads what it wrote. Null when the lease is
 * held no more; otherwise whether somebody has asked for a stop.
 */
export const renewLease = async (
  tx: TenantTx,
  orgId: OrgId,
  lease: Lease,
): Promise<{ readonly isStopWanted: boolean } | null> => {
  const [held] = await tx
    .update(schema.run)
    // The database's clock, which the sweep of every process reads.
    .set({ heartbeatAt: sql`now()` })
    .where(isHeld(orgId, lease))
    .returning({ stopRequestedAt: schema.run.stopRequestedAt })
  return held ? { isStopWanted: held.stopRequestedAt !== null } : null
}

/** Calls `stop` when somebody asks for it, in any process. Returns how to listen no more. */
export const onStopSignal = (signals: Signals, orgId: OrgId, runId: RunId, stop: () => void): (() => void) =>
  signals.subscribe(orgId, (signal) => {
    if (signal.topic === 'run.stop' && signal.subjectId === runId) stop()
  })

/** Gives the run away: any process may go on with it from now on. The signal also says since when. */
export const freeLease = (tenantDb: TenantDb, lease: Lease): Promise<void> =>
  tenantDb.tx(async (tx) => {
    const freed = await tx
      .update(schema.run)
      .set({ leaseHolder: null, heartbeatAt: null })
      .where(isHeld(tenantDb.actor.orgId, lease))
      .returning({ id: schema.run.id })
    if (freed.length > 0) await emitSignal(tx, 'run.free', lease.runId)
  })

const isHeld = (orgId: OrgId, { runId, attempt, holder }: Lease) => {
  const { run } = schema
  return and(
    eq(run.orgId, orgId),
    eq(run.id, runId),
    eq(run.leaseHolder, holder),
    eq(run.attempt, attempt),
    eq(run.state, 'running'),
  )
}

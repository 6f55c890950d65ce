import { and, eq, sql } from 'drizzle-orm'
import { emitSignal, schema, type TenantDb } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import type { StopReason } from './live-runs.ts'

/** A stop that was asked for elsewhere is seen within this time, which is what a person may wait for it. */
const HEARTBEAT_MS = 1500

interface Lease {
  readonly runId: string
  readonly attempt: number
}

/** Keeps the lease of a run while it is generated; `stop` is called when somebody wants it to end. Returns the release. */
export const holdLease = (
  deps: CoreDeps,
  tenantDb: TenantDb,
  lease: Lease,
  stop: (reason: StopReason) => void,
): (() => void) => {
  const beat = async (): Promise<void> => {
    const [held] = await tenantDb.tx((tx) =>
      tx
        .update(schema.run)
        // The database's clock, which the sweep of every process reads.
        .set({ heartbeatAt: sql`now()` })
        .where(isHeld(deps, tenantDb, lease))
        .returning({ stopRequestedAt: schema.run.stopRequestedAt }),
    )
    if (!held) stop('lost')
    else if (held.stopRequestedAt) stop('stopped')
  }
  const timer = setInterval(
    () => void beat().catch((err: unknown) => deps.logger.warn({ err }, 'a heartbeat of a run failed')),
    HEARTBEAT_MS,
  )
  const unsubscribe = deps.signals.subscribe(tenantDb.actor.orgId, (signal) => {
    if (signal.topic === 'run.stop' && signal.subjectId === lease.runId) stop('stopped')
  })
  return () => {
    clearInterval(timer)
    unsubscribe()
  }
}

/** Gives the run away: any process may go on with it from now on. The signal also says since when. */
export const freeLease = (deps: CoreDeps, tenantDb: TenantDb, lease: Lease): Promise<void> =>
  tenantDb.tx(async (tx) => {
    const freed = await tx
      .update(schema.run)
      .set({ leaseHolder: null, heartbeatAt: null })
      .where(isHeld(deps, tenantDb, lease))
      .returning({ id: schema.run.id })
    if (freed.length > 0) await emitSignal(tx, 'run.free', lease.runId)
  })

const isHeld = (deps: CoreDeps, { actor }: TenantDb, { runId, attempt }: Lease) => {
  const { run } = schema
  return and(
    eq(run.orgId, actor.orgId),
    eq(run.id, runId),
    eq(run.leaseHolder, deps.processId),
    eq(run.attempt, attempt),
    eq(run.state, 'running'),
  )
}

import { and, eq, sql } from 'drizzle-orm'
import { schema, type TenantDb } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import type { StopReason } from './live-runs.ts'

/** A stop that was asked for elsewhere is seen within this time, which is what a person may wait for it. */
const HEARTBEAT_MS = 1500

/** Keeps the lease of a run while it is generated; `stop` is called when somebody wants it to end. Returns the release. */
export const holdLease = (
  deps: CoreDeps,
  tenantDb: TenantDb,
  lease: { readonly runId: string; readonly attempt: number },
  stop: (reason: StopReason) => void,
): (() => void) => {
  const { orgId } = tenantDb.actor
  const { run } = schema
  const beat = async (): Promise<void> => {
    const [held] = await tenantDb.tx((tx) =>
      tx
        .update(run)
        // The database's clock, which the sweep of every process reads.
        .set({ heartbeatAt: sql`now()` })
        .where(
          and(
            eq(run.orgId, orgId),
            eq(run.id, lease.runId),
            eq(run.leaseHolder, deps.processId),
            eq(run.attempt, lease.attempt),
            eq(run.state, 'running'),
          ),
        )
        .returning({ stopRequestedAt: run.stopRequestedAt }),
    )
    if (!held) stop('lost')
    else if (held.stopRequestedAt) stop('stopped')
  }
  const timer = setInterval(
    () => void beat().catch((err: unknown) => deps.logger.warn({ err }, 'a heartbeat of a run failed')),
    HEARTBEAT_MS,
  )
  const unsubscribe = deps.signals.subscribe(orgId, (signal) => {
    if (signal.topic === 'run.stop' && signal.subjectId === lease.runId) stop('stopped')
  })
  return () => {
    clearInterval(timer)
    unsubscribe()
  }
}

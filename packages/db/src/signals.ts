import { gt, lt, sql } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import { signal } from './schema/index.ts'
import type { SystemTx, TenantTx } from './tenant.ts'

export type SignalTopic = (typeof signal.$inferSelect)['topic']

/** Tells whoever listens that a row changed; commits with the row. Carries the id only: readers read again. */
export const emitSignal = async (tx: TenantTx, topic: SignalTopic, subjectId: string): Promise<void> => {
  await tx.insert(signal).values({ orgId: currentOrg, topic, subjectId })
}

/** The organisation of this transaction. Null outside of one, which the column refuses. */
const currentOrg = sql<string>`nullif(current_setting('app.org_id', true), '')::uuid`

export interface SignalRow {
  readonly id: number
  readonly orgId: OrgId
  readonly topic: SignalTopic
  readonly subjectId: string
}

/** More are read by the next call. A poller that is 1,000 behind was away. */
const SIGNALS_PER_READ = 1_000

/** Signals of all organisations after `afterId`, oldest first. Ids may appear late and out of order: they are taken before commit. */
export const readSignals = async (tx: SystemTx, afterId: number): Promise<SignalRow[]> => {
  const rows = await tx
    .select({ id: signal.id, orgId: signal.orgId, topic: signal.topic, subjectId: signal.subjectId })
    .from(signal)
    .where(gt(signal.id, afterId))
    .orderBy(signal.id)
    .limit(SIGNALS_PER_READ)
  return rows.map((row) => ({ ...row, orgId: row.orgId as OrgId }))
}

/** The newest id, 0 when there is none: where a new poller starts. */
export const latestSignalId = async (tx: SystemTx): Promise<number> => {
  const [row] = await tx.select({ id: sql<string>`coalesce(max(${signal.id}), 0)` }).from(signal)
  return Number(row?.id ?? 0)
}

/** Deletes signals that no poller can still want. For a sweep. */
export const pruneSignals = async (tx: SystemTx, olderThan: Date): Promise<void> => {
  await tx.delete(signal).where(lt(signal.createdAt, olderThan))
}

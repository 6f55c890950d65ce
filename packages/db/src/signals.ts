import { and, gt, lt, sql } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import { signal } from './schema/index.ts'
import type { SystemTx, TenantTx } from './tenant.ts'

export type SignalTopic = (typeof signal.$inferSelect)['topic']

/** Tells whoever listens that a row changed; commits with the row. Carries the id only: readers read again. */
export const emitSignal = async (tx: TenantTx, topic: SignalTopic, subjectId: string): Promise<void> => {
  await tx.insert(signal).values({ orgId: currentOrg, topic, subjectId })
}

/** The same of several rows, in one statement, in this order. */
export const emitSignals = async (
  tx: TenantTx,
  signals: readonly { readonly topic: SignalTopic; readonly subjectId: string }[],
): Promise<void> => {
  if (signals.length === 0) return
  await tx.insert(signal).values(signals.map(({ topic, subjectId }) => ({ orgId: currentOrg, topic, subjectId })))
}

/** The organisation of this transaction. Null outside of one, which the column refuses. */
const currentOrg = sql<string>`nullif(current_setting('app.org_id', true), '')::uuid`

export interface SignalRow {
  readonly id: number
  readonly orgId: OrgId
  readonly topic: SignalTopic
  readonly subjectId: string
  /** Milliseconds since its transaction began, by the database's clock. */
  readonly ageMs: number
}

/**
 * Signals of all organisations after `afterId`, oldest first, at most `limit`. An id is taken before its transaction
 * commits, so a smaller one can appear after a larger one.
 */
export const readSignals = async (tx: SystemTx, afterId: number, limit: number): Promise<SignalRow[]> => {
  const rows = await tx
    .select({
      id: signal.id,
      orgId: signal.orgId,
      topic: signal.topic,
      subjectId: signal.subjectId,
      ageMs: sql<number>`(extract(epoch from clock_timestamp() - ${signal.createdAt}) * 1000)::float8`.mapWith(Number),
    })
    .from(signal)
    .where(gt(signal.id, afterId))
    .orderBy(signal.id)
    .limit(limit)
  return rows.map((row) => ({ ...row, orgId: row.orgId as OrgId }))
}

/** The newest id, 0 when there is none. */
export const latestSignalId = async (tx: SystemTx): Promise<number> => {
  const [row] = await tx.select({ id: sql<string>`coalesce(max(${signal.id}), 0)` }).from(signal)
  return Number(row?.id ?? 0)
}

/** Deletes signals that no poller can still want. For a sweep. */
export const pruneSignals = async (tx: SystemTx, olderThan: Date): Promise<void> => {
  // Ids grow with time: up to the first that is younger they are the oldest, and no other index is needed.
  const youngest = sql`coalesce((select s.id from ${signal} s where s.created_at >= ${olderThan.toISOString()}::timestamptz order by s.id limit 1), 9223372036854775807)`
  await tx.delete(signal).where(and(lt(signal.id, youngest), lt(signal.createdAt, olderThan)))
}

import { and, desc, gt, inArray, isNotNull, lt, sql } from 'drizzle-orm'
import { cacheOutbox, type cacheVersion } from './schema/index.ts'
import type { SystemTx } from './tenant.ts'

type VersionTag = (typeof cacheVersion.$inferSelect)['tag']

/** How often what a subject's cached reads depend on has changed; grows, and is larger after every change. */
export interface SubjectVersion {
  readonly subjectId: string
  readonly tag: VersionTag
  readonly version: number
}

/** Reads rows of arrays, as `runStatement` gives them. */
export type RunVersions = (text: string, params: readonly unknown[]) => Promise<unknown[]>

/** The versions of some subjects, in one round trip and in nobody's organisation. A subject that never changed has none. */
export const readVersions = async (run: RunVersions, subjectIds: readonly string[]): Promise<SubjectVersion[]> => {
  const rows = await run('select subject_id, tag, version::text from cache_versions($1::uuid[])', [subjectIds])
  return rows.map((row) => {
    const [subjectId, tag, version] = row as [string, VersionTag, string]
    return { subjectId, tag, version: Number(version) }
  })
}

/** A version that has grown, for the shared cache to be told. */
export interface OutboxRow extends SubjectVersion {
  readonly id: number
  /** Milliseconds since its transaction ended, by the database's clock. */
  readonly ageMs: number
}

/** What has grown and is still to be told, oldest first, at most `limit`, after the row `afterId`. */
export const readOutbox = async (tx: SystemTx, limit: number, afterId = 0): Promise<OutboxRow[]> =>
  toRows(
    await selectOutbox(tx)
      .where(and(isNotNull(cacheOutbox.version), gt(cacheOutbox.id, afterId)))
      .orderBy(cacheOutbox.id)
      .limit(limit),
  )

/** What has grown last, newest first, at most `limit`, told or not. */
export const readNewestOutbox = async (tx: SystemTx, limit: number): Promise<OutboxRow[]> =>
  toRows(await selectOutbox(tx).where(isNotNull(cacheOutbox.version)).orderBy(desc(cacheOutbox.id)).limit(limit))

const selectOutbox = (tx: SystemTx) =>
  tx
    .select({
      id: cacheOutbox.id,
      subjectId: cacheOutbox.subjectId,
      tag: cacheOutbox.tag,
      version: cacheOutbox.version,
      // A version is the microsecond of its commit, unless two fell into one.
      ageMs:
        sql<number>`(extract(epoch from clock_timestamp()) * 1000 - ${cacheOutbox.version} / 1000)::float8`.mapWith(
          Number,
        ),
    })
    .from(cacheOutbox)

/** A version is null only inside of the transaction that writes it. */
const toRows = (rows: Awaited<ReturnType<typeof selectOutbox>>): OutboxRow[] =>
  rows.map((row) => ({ ...row, version: row.version ?? 0 }))

/** Deletes what everybody has been told. */
export const deleteOutbox = async (tx: SystemTx, ids: readonly number[]): Promise<void> => {
  if (ids.length > 0) await tx.delete(cacheOutbox).where(inArray(cacheOutbox.id, [...ids]))
}

/** Deletes what nobody has wanted to be told: where there is no shared cache, or none that answers. For a sweep. */
export const pruneOutbox = async (tx: SystemTx, olderThan: Date): Promise<void> => {
  // As `pruneSignals`: the oldest have the smallest ids.
  const youngest = sql`coalesce((select o.id from ${cacheOutbox} o where o.created_at >= ${olderThan.toISOString()}::timestamptz order by o.id limit 1), 9223372036854775807)`
  await tx.delete(cacheOutbox).where(and(lt(cacheOutbox.id, youngest), lt(cacheOutbox.createdAt, olderThan)))
}

import { and, eq, inArray, sql, type AnyColumn } from 'drizzle-orm'
import { schema, type TenantDb, type TenantTx } from '@quarry/db'

const { chunk, posting } = schema

/** With up to a thousand postings each (Chinese): deleting them takes about 100 ms, which is what other sessions may wait. */
const CHUNKS_PER_TRANSACTION = 100

export interface DeleteIndexOptions {
  readonly signal?: AbortSignal
  /** Asked in each transaction before it deletes anything; false ends it. Always, when left out. */
  readonly allowed?: (tx: TenantTx) => Promise<boolean>
}

/** Deletes the chunks and postings of versions in short transactions; pages stay. */
export async function deleteIndex(
  tenantDb: TenantDb,
  versionIds: readonly string[],
  { signal, allowed = () => Promise.resolve(true) }: DeleteIndexOptions = {},
): Promise<void> {
  const { orgId } = tenantDb.actor
  if (versionIds.length === 0) return
  for (;;) {
    signal?.throwIfAborted()
    const more = await tenantDb.tx(async (tx) => {
      const rows = await tx
        .select({ versionId: chunk.versionId, ordinal: chunk.ordinal })
        .from(chunk)
        .where(and(eq(chunk.orgId, orgId), inArray(chunk.versionId, [...versionIds])))
        .orderBy(chunk.versionId, chunk.ordinal)
        .limit(CHUNKS_PER_TRANSACTION)
      const last = rows.at(-1)
      if (last === undefined || !(await allowed(tx))) return false
      const upTo = (version: AnyColumn, ordinal: AnyColumn) =>
        and(
          inArray(version, [...new Set(rows.map((row) => row.versionId))]),
          sql`(${version}, ${ordinal}) <= (${last.versionId}::uuid, ${last.ordinal}::integer)`,
        )
      await tx.delete(posting).where(and(eq(posting.orgId, orgId), upTo(posting.versionId, posting.ordinal)))
      await tx.delete(chunk).where(and(eq(chunk.orgId, orgId), upTo(chunk.versionId, chunk.ordinal)))
      return true
    })
    if (!more) return
  }
}

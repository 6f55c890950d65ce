import { and, eq, lte } from 'drizzle-orm'
import { schema, type TenantDb, type TenantTx } from '@quarry/db'

const { chunk, posting } = schema

/** With up to a thousand postings each (Chinese): deleting them takes about 100 ms, which is what other sessions may wait. */
const CHUNKS_PER_TRANSACTION = 100

export interface DeleteIndexOptions {
  readonly signal?: AbortSignal
  /** Asked in each transaction before it deletes anything; false ends it. Always, when left out. */
  readonly allowed?: (tx: TenantTx) => Promise<boolean>
}

/** Deletes a version's chunks and postings in short transactions; pages stay. */
export async function deleteIndex(
  tenantDb: TenantDb,
  versionId: string,
  { signal, allowed = () => Promise.resolve(true) }: DeleteIndexOptions = {},
): Promise<void> {
  const { orgId } = tenantDb.actor
  for (;;) {
    signal?.throwIfAborted()
    const more = await tenantDb.tx(async (tx) => {
      const rows = await tx
        .select({ ordinal: chunk.ordinal })
        .from(chunk)
        .where(and(eq(chunk.orgId, orgId), eq(chunk.versionId, versionId)))
        .orderBy(chunk.ordinal)
        .limit(CHUNKS_PER_TRANSACTION)
      const last = rows.at(-1)
      if (last === undefined || !(await allowed(tx))) return false
      const upTo = last.ordinal
      await tx
        .delete(posting)
        .where(and(eq(posting.orgId, orgId), eq(posting.versionId, versionId), lte(posting.ordinal, upTo)))
      await tx
        .delete(chunk)
        .where(and(eq(chunk.orgId, orgId), eq(chunk.versionId, versionId), lte(chunk.ordinal, upTo)))
      return true
    })
    if (!more) return
  }
}

import { and, eq, inArray, sql } from 'drizzle-orm'
import type { BlobKey } from '@quarry/blobs'
import { schema, type TenantTx } from '@quarry/db'
import type { CoreDeps } from '../context.ts'

/**
 * Equal content of an organisation is one blob. Who is about to refer to one, and who deletes what nobody refers to,
 * therefore holds this lock until the end of the transaction, and looks only then: the one whether the blob is still
 * there, the other whether it is still unused. (On the embedded database transactions follow each other anyway.)
 * To be taken after the document's row, never before.
 */
export const lockBlobs = async (tx: TenantTx, keys: readonly string[]): Promise<void> => {
  // In one order, or two deletions that share two blobs would wait for each other.
  for (const key of new Set(keys.toSorted()))
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`blob:${key}`}, 0))`)
}

/**
 * Deletes those of `keys` that no version has any more. Behind `lockBlobs`, as the last thing of a transaction that
 * sees all collections of the organisation: when it throws, everything is as before.
 */
export const deleteUnusedBlobs = async (
  { blobs }: Pick<CoreDeps, 'blobs'>,
  tx: TenantTx,
  orgId: string,
  keys: readonly string[],
): Promise<void> => {
  if (keys.length === 0) return
  const { documentVersion } = schema
  const used = await tx
    .selectDistinct({ key: documentVersion.blobKey })
    .from(documentVersion)
    .where(and(eq(documentVersion.orgId, orgId), inArray(documentVersion.blobKey, [...keys])))
  const usedKeys = new Set(used.map((row) => row.key))
  for (const key of new Set(keys)) if (!usedKeys.has(key)) await blobs.delete(key as BlobKey)
}

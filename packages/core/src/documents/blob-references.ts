import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import { blobKeyOf, type BlobKey } from '@quarry/blobs'
import { schema, type TenantTx } from '@quarry/db'

/**
 * Equal content of an organisation is one blob, and bytes are deleted outside of any transaction: the store may be across
 * a network. So who deletes them first marks the versions that had them (their `blob_key` is gone, `content_hash` stays),
 * then deletes the bytes, then the rows; and who is about to refer to bytes waits while a marked version has the same
 * content. Both look and mark behind this lock, until the end of their transaction. (On the embedded database
 * transactions follow each other anyway.) To be taken after the document's row, never before.
 */
export const lockBlobs = async (tx: Pick<TenantTx, 'execute'>, keys: readonly string[]): Promise<void> => {
  // In one order, or two deletions that share two blobs would wait for each other.
  const names = [...new Set(keys.toSorted())].map((key) => `blob:${key}`)
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(name, 0)) from jsonb_array_elements_text(${JSON.stringify(names)}::text::jsonb) as name`,
  )
}

/**
 * Longer than a deletion takes that is still going on (five attempts of 30 s at a store that does not answer): an older
 * mark was left by a process that died.
 */
const MARK_COUNTS_MINUTES = 5

/**
 * Marks the versions of documents and returns the keys whose bytes are now nobody's. In a transaction that sees all
 * collections of the organisation; another one may have the same content. Doing it again gives the same keys.
 */
export const releaseBlobs = async (tx: TenantTx, orgId: string, documentIds: readonly string[]): Promise<BlobKey[]> => {
  const { documentVersion } = schema
  const ofDocuments = and(eq(documentVersion.orgId, orgId), inArray(documentVersion.documentId, [...documentIds]))
  const versions = await tx
    .select({ contentHash: documentVersion.contentHash })
    .from(documentVersion)
    .where(and(ofDocuments, isNotNull(documentVersion.contentHash)))
  const hashes = versions.flatMap(({ contentHash }) => (contentHash === null ? [] : [contentHash]))
  const keys = [...new Set(hashes)].map((hash) => blobKeyOf(orgId, hash))
  if (keys.length === 0) return []
  await lockBlobs(tx, keys)
  await tx
    .update(documentVersion)
    .set({ blobKey: null, updatedAt: sql`clock_timestamp()` })
    .where(ofDocuments)
  const used = await tx
    .selectDistinct({ key: documentVersion.blobKey })
    .from(documentVersion)
    .where(
      and(
        eq(documentVersion.orgId, orgId),
        inArray(documentVersion.contentHash, hashes),
        inArray(documentVersion.blobKey, keys),
      ),
    )
  const usedKeys = new Set(used.map((row) => row.key))
  return keys.filter((key) => !usedKeys.has(key))
}

/** Whether the bytes of this content may be going right now. Behind `lockBlobs`. */
export const isBeingDeleted = async (tx: TenantTx, orgId: string, contentHash: string): Promise<boolean> => {
  const { documentVersion } = schema
  const marked = await tx
    .select({ id: documentVersion.id })
    .from(documentVersion)
    .where(
      and(
        eq(documentVersion.orgId, orgId),
        eq(documentVersion.contentHash, contentHash),
        isNull(documentVersion.blobKey),
        sql`${documentVersion.updatedAt} > clock_timestamp() - ${MARK_COUNTS_MINUTES} * interval '1 minute'`,
      ),
    )
    .limit(1)
  if (marked.length > 0) return true
  const key = blobKeyOf(orgId, contentHash)
  const [swept] = (await tx.execute(sql`select blob_is_going(${key}) as going`)) as { going: boolean }[]
  return swept?.going === true
}

import { and, eq, inArray, sql } from 'drizzle-orm'
import { AppError, mediaType, type MediaType, type VersionId } from '@quarry/contracts'
import { emitSignal, schema, type TenantDb, type TenantTx } from '@quarry/db'

const { document, documentVersion } = schema

/** A version that this worker has taken up. Its `attempt` fences every write: whoever claims it next, or deletes it, raises it. */
export interface Claim {
  readonly versionId: VersionId
  readonly documentId: string
  readonly collectionId: string
  readonly attempt: number
  readonly sourcePath: string
  readonly blobKey: string | null
  readonly mediaType: MediaType | null
  readonly sizeBytes: number
}

export type Claimed =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  | { readonly outcome: 'ended'; readonly documentId: string }

/**
 * Takes a waiting or interrupted version up, as its next attempt. A version that has ended stays as it is.
 * @throws AppError `not_found` when there is no such version.
 */
export const claimVersion = (tenantDb: TenantDb, versionId: VersionId): Promise<Claimed> =>
  tenantDb.tx(async (tx) => {
    const { orgId } = tenantDb.actor
    const [row] = await tx
      .update(documentVersion)
      .set({
        attempt: sql`${documentVersion.attempt} + 1`,
        state: 'parsing',
        stage: 'reading',
        progress: 0,
        errorCode: null,
        errorText: null,
        updatedAt: sql`now()`,
      })
      .where(
        and(
          eq(documentVersion.orgId, orgId),
          eq(documentVersion.id, versionId),
          inArray(documentVersion.state, ['uploaded', 'parsing']),
        ),
      )
      .returning()
    if (row === undefined) {
      const [ended] = await tx
        .select({ documentId: documentVersion.documentId })
        .from(documentVersion)
        .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId)))
      if (ended === undefined) throw new AppError('not_found')
      return { outcome: 'ended', documentId: ended.documentId }
    }
    const [parent] = await tx
      .select({ sourcePath: document.sourcePath })
      .from(document)
      .where(and(eq(document.orgId, orgId), eq(document.id, row.documentId)))
    if (parent === undefined) throw new AppError('not_found')
    await emitSignal(tx, 'document', row.documentId)
    return {
      outcome: 'claimed',
      claim: {
        versionId,
        documentId: row.documentId,
        collectionId: row.collectionId,
        attempt: row.attempt,
        sourcePath: parent.sourcePath,
        blobKey: row.blobKey,
        mediaType: mediaType.nullable().catch(null).parse(row.mediaType),
        sizeBytes: row.sizeBytes,
      },
    }
  })

type VersionChange = Partial<typeof documentVersion.$inferInsert>

/**
 * Changes the version's row if this claim still holds, and locks it until the end of the transaction: the first
 * statement of every transaction that writes for the claim. @throws AppError `conflict` when the claim is lost.
 */
export async function holdClaim(tx: TenantTx, orgId: string, claim: Claim, change: VersionChange = {}): Promise<void> {
  const held = await tx
    .update(documentVersion)
    .set({ ...change, updatedAt: sql`now()` })
    .where(
      and(
        eq(documentVersion.orgId, orgId),
        eq(documentVersion.id, claim.versionId),
        eq(documentVersion.attempt, claim.attempt),
        eq(documentVersion.state, 'parsing'),
      ),
    )
    .returning({ id: documentVersion.id })
  if (held.length === 0) throw new AppError('conflict', { message: 'Another worker has taken this version up.' })
}

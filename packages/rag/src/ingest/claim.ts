import { and, eq, inArray, sql } from 'drizzle-orm'
import { AppError, mediaType, type MediaType, type VersionId } from '@quarry/contracts'
import { emitSignal, schema, type TenantDb, type TenantTx } from '@quarry/db'

const { document, documentVersion, jobRun } = schema

/** The job that a worker acts for, at the attempt that is its own: once another has taken it up, nothing more is written for it. */
export interface JobFence {
  readonly id: string
  readonly attempt: number
}

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
  readonly job?: JobFence | null
}

export type Claimed =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  | { readonly outcome: 'ended'; readonly documentId: string }

/**
 * Takes a waiting or interrupted version up, as its next attempt. A version that has ended stays as it is.
 * @throws AppError `not_found` when there is no such version, `conflict` when the job is another worker's by now.
 */
export const claimVersion = (tenantDb: TenantDb, versionId: VersionId, job: JobFence | null = null): Promise<Claimed> =>
  tenantDb.tx(async (tx) => {
    const { orgId } = tenantDb.actor
    await holdJob(tx, orgId, job)
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
        job,
      },
    }
  })

/** A worker that was taken for dead may wake late: the job's row says whose it is. @throws AppError `conflict` */
async function holdJob(tx: TenantTx, orgId: string, job: JobFence | null): Promise<void> {
  if (job === null) return
  const [own] = await tx
    .select({ id: jobRun.id })
    .from(jobRun)
    .where(
      and(eq(jobRun.orgId, orgId), eq(jobRun.id, job.id), eq(jobRun.attempt, job.attempt), eq(jobRun.state, 'running')),
    )
    // Until the end of this transaction nobody takes it away; its progress may wait that long.
    .for('share')
  if (own === undefined) throw new AppError('conflict', { message: 'Another worker has taken this job up.' })
}

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
  await holdJob(tx, orgId, claim.job ?? null)
}

import { setTimeout as pause } from 'node:timers/promises'
import { and, eq, ne, sql } from 'drizzle-orm'
import { AppError, FAILURES, type completeOutput, type FailureCode, type VersionId } from '@quarry/contracts'
import { emitSignal, recordAudit, schema, type TenantTx } from '@quarry/db'
import { documentProcess, enqueue } from '@quarry/jobs'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { requireOn } from '../flags/require-on.ts'
import { isBeingDeleted, lockBlobs } from './blob-references.ts'
import { selectVersion } from './document-row.ts'
import { readDocument } from './get.ts'
import { detectMediaType, type Detected } from './media-type.ts'

type Output = z.infer<typeof completeOutput>
interface Upload {
  readonly ticket: VersionId
  readonly documentId: string
  readonly blob: Awaited<ReturnType<VerbContext['deps']['blobs']['finishUpload']>>
  readonly detected: Detected
}

/**
 * Ends an upload: the bytes are hashed and their type is looked at, then the version goes to the worker, or fails
 * with a reason, or is found to be what the document has already. Calling it again gives the state it led to.
 */
export const completeDocument = async (ctx: VerbContext, input: { ticket: VersionId }): Promise<Output> => {
  authorise(ctx, 'documents.write')
  await requireOn(ctx, 'documents.uploads')
  const { orgId } = ctx.actor
  const { blobs, database, limits, logger } = ctx.deps
  const tenantDb = database.tenant(ctx.actor)
  const { row, document } = await tenantDb.tx(async (tx) => {
    const [row] = await selectVersion(tx, orgId, input.ticket)
    if (!row) throw new AppError('not_found')
    return { row, document: await readDocument(tx, orgId, row.documentId) }
  })
  if (row.state !== 'uploading') return { outcome: row.state === 'failed' ? 'failed' : 'accepted', document }
  const offset = await blobs.uploadOffset(orgId, input.ticket)
  if (offset < row.sizeBytes)
    throw new AppError('conflict', {
      message: 'The upload is not complete.',
      details: { offset, sizeBytes: row.sizeBytes },
    })
  const deadline = performance.now() + DELETION_MS
  for (;;) {
    const blob = await blobs.finishUpload(orgId, input.ticket)
    const detected: Detected =
      blob.sizeBytes > limits.uploadMaxBytes
        ? { failure: 'too_large', text: null }
        : await detectMediaType(document.path, blob.head)
    const upload = { ticket: input.ticket, documentId: row.documentId, blob, detected }
    const output = await tenantDb.tx((tx) => settle(ctx, tx, upload))
    if (output === null) {
      if (performance.now() > deadline) throw new AppError('unavailable')
      await pause(DELETION_POLL_MS)
      continue
    }
    // From here on nobody deletes these bytes; who did so before this transaction has finished. They are put back then.
    if ((await blobs.read(blob.key, { start: 0, end: 0 })) === null) await blobs.finishUpload(orgId, input.ticket)
    // What stays costs disk space for a day; the upload is complete either way.
    await blobs
      .discardUpload(orgId, input.ticket)
      .catch((err: unknown) => logger.warn({ err }, 'an upload could not be forgotten'))
    return output
  }
}

/** The same bytes are being deleted with another document: that takes milliseconds, or as long as a slow store. */
const DELETION_MS = 5_000
const DELETION_POLL_MS = 50

/** Null, and nothing is written, while the bytes are being deleted with another document that had them. */
const settle = async (ctx: VerbContext, tx: TenantTx, upload: Upload): Promise<Output | null> => {
  const { orgId } = ctx.actor
  const { document, documentVersion } = schema
  // Locks the document: two uploads to one path settle one after the other, so that the second sees the first.
  const [current] = await tx
    .select({ liveVersionId: document.liveVersionId, latestVersionId: document.latestVersionId })
    .from(document)
    .where(and(eq(document.orgId, orgId), eq(document.id, upload.documentId)))
    .for('update')
  if (!current) throw new AppError('not_found')
  await lockBlobs(tx, [upload.blob.key])
  if (await isBeingDeleted(tx, orgId, upload.blob.sha256)) return null
  const same = 'mediaType' in upload.detected ? await sameContent(orgId, tx, upload, current) : null
  if (same) {
    await tx
      .update(document)
      .set({ latestVersionId: same })
      .where(and(eq(document.orgId, orgId), eq(document.id, upload.documentId)))
    await tx
      .delete(documentVersion)
      .where(
        and(
          eq(documentVersion.orgId, orgId),
          eq(documentVersion.id, upload.ticket),
          eq(documentVersion.state, 'uploading'),
        ),
      )
    return { outcome: 'unchanged', document: await readDocument(tx, orgId, upload.documentId) }
  }
  const outcome = await store(ctx, tx, upload)
  return { outcome, document: await readDocument(tx, orgId, upload.documentId) }
}

/** The version with the same bytes that is newest here or answers questions now; null when this content is new. */
const sameContent = async (
  orgId: string,
  tx: TenantTx,
  upload: Upload,
  current: { liveVersionId: string | null; latestVersionId: string | null },
): Promise<string | null> => {
  const { documentVersion } = schema
  const rows = await tx
    .select({ id: documentVersion.id, state: documentVersion.state })
    .from(documentVersion)
    .where(
      and(
        eq(documentVersion.orgId, orgId),
        eq(documentVersion.documentId, upload.documentId),
        eq(documentVersion.contentHash, upload.blob.sha256),
        ne(documentVersion.id, upload.ticket),
      ),
    )
  const serving = rows.find((v) => v.id === current.latestVersionId && v.state !== 'failed' && v.state !== 'uploading')
  if (serving) return serving.id
  if (current.latestVersionId === current.liveVersionId) return null
  // The newest version failed or is another upload: what is live counts, unless something newer is on its way.
  const [latest] = await selectVersion(tx, orgId, current.latestVersionId ?? upload.ticket)
  const onItsWay = latest?.state === 'uploaded' || latest?.state === 'parsing'
  return onItsWay ? null : (rows.find((v) => v.id === current.liveVersionId)?.id ?? null)
}

const store = async (ctx: VerbContext, tx: TenantTx, upload: Upload): Promise<'accepted' | 'failed'> => {
  const { orgId } = ctx.actor
  const { document, documentVersion } = schema
  const { blob, detected, ticket } = upload
  const failed = 'failure' in detected
  const updated = await tx
    .update(documentVersion)
    .set({
      contentHash: blob.sha256,
      blobKey: blob.key,
      sizeBytes: blob.sizeBytes,
      updatedAt: new Date(),
      ...(failed ? failedFields(detected.failure, detected.text) : { ...WAITING, mediaType: detected.mediaType }),
    })
    .where(
      and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, ticket), eq(documentVersion.state, 'uploading')),
    )
    .returning({ id: documentVersion.id })
  if (updated.length === 0) throw new AppError('conflict')
  await tx
    .update(document)
    // Tickets sort by the moment they were made in: an upload that was overtaken stays behind, here as in publishing.
    .set({ latestVersionId: sql`greatest(${document.latestVersionId}, ${ticket}::uuid)` })
    .where(and(eq(document.orgId, orgId), eq(document.id, upload.documentId)))
  await recordAudit(tx, {
    actor: ctx.actor,
    action: 'document.upload',
    subjectKind: 'document',
    subjectId: upload.documentId,
    details: { versionId: ticket, sizeBytes: blob.sizeBytes, ...(failed ? { failure: detected.failure } : {}) },
    requestId: ctx.requestId,
  })
  if (!failed) await enqueue(tx, documentProcess, { versionId: ticket }, { bulk: blob.sizeBytes > QUICK_BYTES })
  await emitSignal(tx, 'document', upload.documentId)
  return failed ? 'failed' : 'accepted'
}

/** A file that is larger takes many seconds to read: nobody sits and waits for it. */
const QUICK_BYTES = 4 * 1024 * 1024

/** What a version looks like that waits for a worker. */
export const WAITING = { state: 'uploaded', stage: 'waiting', progress: 0, errorCode: null, errorText: null } as const

const failedFields = (code: FailureCode, text: string | null) =>
  ({ state: 'failed', stage: null, errorCode: code, errorText: text ?? FAILURES[code].message }) as const

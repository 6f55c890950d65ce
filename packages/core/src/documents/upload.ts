import type { Readable } from 'node:stream'
import { AppError, type UploadStatus, type VersionId } from '@quarry/contracts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { requireOn } from '../flags/require-on.ts'
import { selectVersion } from './document-row.ts'

/** The declared size of a ticket whose bytes may still come. Throws AppError('not_found') for any other. */
const openTicket = async (ctx: VerbContext, ticket: VersionId): Promise<number> => {
  authorise(ctx, 'documents.write')
  const { orgId } = ctx.actor
  const [row] = await ctx.deps.database.tenant(ctx.actor).tx((tx) => selectVersion(tx, orgId, ticket))
  if (row?.state !== 'uploading') throw new AppError('not_found')
  return row.sizeBytes
}

/** How many bytes of an upload are stored: where to go on after a break. */
export const getUpload = async (ctx: VerbContext, input: { ticket: VersionId }): Promise<UploadStatus> => {
  const sizeBytes = await openTicket(ctx, input.ticket)
  return { ticket: input.ticket, offset: await ctx.deps.blobs.uploadOffset(ctx.actor.orgId, input.ticket), sizeBytes }
}

/**
 * Appends `body` at `offset`. Throws AppError('conflict') with the stored size in `details.offset` when that is
 * another one, and AppError('too_large') past the size that was announced. What arrived stays when the stream breaks.
 */
export const appendUpload = async (
  ctx: VerbContext,
  input: { ticket: VersionId; offset: number; body: Readable },
): Promise<UploadStatus> => {
  const { ticket, offset, body } = input
  await requireOn(ctx, 'documents.uploads')
  const sizeBytes = await openTicket(ctx, ticket)
  const stored = await ctx.deps.blobs.appendUpload(ctx.actor.orgId, ticket, offset, body, sizeBytes)
  return { ticket, offset: stored, sizeBytes }
}

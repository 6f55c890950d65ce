import type { Readable } from 'node:stream'
import type { BlobKey } from '@quarry/blobs'
import { AppError, type VersionId } from '@quarry/contracts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { selectVersion } from './document-row.ts'
import { readDocument } from './get.ts'

export interface Content {
  readonly fileName: string
  readonly mediaType: string | null
  /** Of the whole file, also when a range was asked for. */
  readonly sizeBytes: number
  readonly contentHash: string
  /** Opens the bytes, half-open. Throws AppError('not_found') when they are gone. */
  open(range?: { start: number; end: number }): Promise<Readable>
}

/** The original bytes of a version. Throws AppError('not_found') when there are none or they are not visible. */
export const openContent = async (ctx: VerbContext, input: { versionId: VersionId }): Promise<Content> => {
  authorise(ctx, 'documents.read')
  const { orgId } = ctx.actor
  const { row, path } = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [row] = await selectVersion(tx, orgId, input.versionId)
    if (!row) throw new AppError('not_found')
    return { row, path: (await readDocument(tx, orgId, row.documentId)).path }
  })
  const { blobKey, contentHash } = row
  if (blobKey === null || contentHash === null) throw new AppError('not_found')
  return {
    fileName: path.slice(path.lastIndexOf('/') + 1),
    mediaType: row.mediaType,
    sizeBytes: row.sizeBytes,
    contentHash,
    open: async (range) => {
      const found = await ctx.deps.blobs.read(blobKey as BlobKey, range)
      if (!found) throw new AppError('not_found')
      return found.body
    },
  }
}

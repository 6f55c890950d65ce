import type { Readable } from 'node:stream'
import type { OrgId, VersionId } from '@quarry/contracts'

/** Bytes of documents, addressed by content: `<orgId>/<first two hex digits>/<sha256>`. Never shared between organisations. */
export type BlobKey = string & { readonly __blobKey: never }

export interface BlobStore {
  /** Bytes stored so far for an unfinished upload; 0 when there are none. */
  uploadOffset(orgId: OrgId, ticket: VersionId): Promise<number>
  /**
   * Appends a stream to an upload at `offset` (must equal the stored size, else AppError('conflict') with the size in
   * details). Stops and throws AppError('too_large') past `maxBytes`. What arrived stays when the stream breaks.
   * Returns the stored size.
   */
  appendUpload(orgId: OrgId, ticket: VersionId, offset: number, body: Readable, maxBytes: number): Promise<number>
  /**
   * Hashes the upload (streamed), puts it at its content address and returns it with its first 4,100 bytes, which tell
   * its type. Asked again, until it is discarded, it answers the same and puts the blob there again if it was deleted:
   * so a lost reply, a failed transaction or a deletion of equal content costs no second upload.
   */
  finishUpload(
    orgId: OrgId,
    ticket: VersionId,
  ): Promise<{ key: BlobKey; sha256: string; sizeBytes: number; head: Uint8Array }>
  /** Forgets an upload, or what became of it; a finished blob stays. */
  discardUpload(orgId: OrgId, ticket: VersionId): Promise<void>
  /**
   * Stores a stream at the address that it must hash to, for a copy of another store; there before is fine. Throws
   * AppError('conflict') when it hashes to another one, and stores nothing then.
   */
  put(key: BlobKey, body: Readable): Promise<void>
  /** Null when the blob is gone. `range` is half-open, in bytes. */
  read(key: BlobKey, range?: { start: number; end: number }): Promise<{ body: Readable; sizeBytes: number } | null>
  /** A path on this machine with the blob's bytes, for a parser process; `release` removes it if it was a copy. */
  localFile(key: BlobKey): Promise<{ path: string; release: () => Promise<void> } | null>
  delete(key: BlobKey): Promise<void>
  /** Every blob that was put there before `before`, in any order; for a sweep. */
  listBlobs(before: Date): AsyncIterable<BlobKey>
  /**
   * Deletes all bytes of an organisation, finished or on their way there; returns how many objects there were. `signal` ends
   * it early; what is left goes with the next call.
   */
  removeOrganisation(orgId: OrgId, signal?: AbortSignal): Promise<number>
  /** Removes uploads that nobody has touched since; for a sweep. A day is enough for anybody to resume. */
  sweepUploads(olderThan: Date): Promise<void>
  /** Throws when the store cannot be written; for health and doctor. */
  check(): Promise<void>
}

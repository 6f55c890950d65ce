import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { ByteSource, UploadBody } from './upload.ts'

/** A file on disk, streamed from any offset and never read past the size that was announced. */
export const fileSource = (absolutePath: string, sizeBytes: number): ByteSource => ({
  sizeBytes,
  open: async (offset) =>
    // `end` is inclusive, so an empty rest has no stream.
    offset >= sizeBytes
      ? new Uint8Array(0)
      : (Readable.toWeb(createReadStream(absolutePath, { start: offset, end: sizeBytes - 1 })) as UploadBody),
})

/** Bytes in memory, for documents that are made up on the way. */
export const memorySource = (bytes: Uint8Array<ArrayBuffer>): ByteSource => ({
  sizeBytes: bytes.byteLength,
  open: async (offset) => bytes.subarray(offset),
})

import { createHash } from 'node:crypto'
import { buffer, text } from 'node:stream/consumers'
import { AppError } from '@quarry/contracts'
import {
  blobKeyOf,
  folderOfOrganisation,
  HEAD_BYTES,
  isBlobKey,
  requireBlobKey,
  sha256Of,
  uploadPathOf,
} from '../blob-key.ts'
import type { BlobKey, BlobStore } from '../blob-store.ts'
import { hashing } from '../hashing.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { createLocalCopies } from './local-copies.ts'
import { abortStale, PART_BYTES, putStream } from './multipart.ts'
import { createS3Client, type S3Adapter, type S3Client } from './s3-client.ts'
import { deleteObject, listObjects, openObject, putObject, sizeOfObject } from './s3-objects.ts'
import { appendParts, readParts, readUpload, receiptKeyOf, type UploadState } from './upload-parts.ts'

type Finished = Awaited<ReturnType<BlobStore['finishUpload']>>
type Receipt = Omit<Finished, 'head'>

/** Probes come every second, and each look writes an object: one that succeeded counts for this long. */
const CHECK_FRESH_MS = 30_000

/**
 * Keeps bytes in a bucket: `uploads/<org>/<ticket>/<offset>` while they arrive, then `blobs/<org>/<aa>/<sha256>`. What a
 * method returned is stored. Any replica can go on with an upload; at most PART_BYTES of it are in memory.
 */
export const openS3BlobStore = (adapter: S3Adapter): BlobStore => {
  const client = createS3Client(adapter)
  const copies = createLocalCopies(adapter.copiesDir)
  const at = (path: string) => (adapter.prefix === '' ? path : `${adapter.prefix}/${path}`)
  const blobAt = (key: BlobKey) => {
    requireBlobKey(key)
    return at(`blobs/${key}`)
  }
  const uploads = at('uploads')
  const folderOf = (...upload: Parameters<typeof uploadPathOf>) => `${uploads}/${uploadPathOf(...upload)}`
  const alone = oneAtATime(async (folder) => (await readUpload(client, folder)).sizeBytes)
  let checkedAt = -Infinity

  return {
    async uploadOffset(orgId, ticket) {
      const folder = folderOf(orgId, ticket)
      const upload = await readUpload(client, folder)
      const receipt = upload.isFinished ? await readReceipt(client, folder) : null
      return receipt?.sizeBytes ?? upload.sizeBytes
    },

    async appendUpload(orgId, ticket, offset, body, maxBytes) {
      // A line that breaks before the first byte is asked for would otherwise be nobody's error, and end the process.
      body.on('error', () => {})
      const folder = folderOf(orgId, ticket)
      return alone.run(folder, async () => {
        const upload = await readUpload(client, folder)
        const receipt = upload.isFinished ? await readReceipt(client, folder) : null
        const stored = receipt?.sizeBytes ?? upload.sizeBytes
        if (receipt !== null || stored !== offset) throw new AppError('conflict', { details: { offset: stored } })
        return appendParts(client, folder, offset, body, maxBytes)
      })
    },

    async finishUpload(orgId, ticket) {
      const folder = folderOf(orgId, ticket)
      return alone.run(folder, async () => {
        const upload = await readUpload(client, folder)
        const receipt = upload.isFinished ? await readReceipt(client, folder) : null
        if (receipt !== null) return finishAgain(client, folder, upload, receipt, blobAt(receipt.key))
        const { sha256, sizeBytes, whole, head } = await digest(client, upload)
        const key = blobKeyOf(orgId, sha256)
        // The receipt comes first: whoever asks again after a crash is told the same, whether the copy was made or not.
        await putObject(client, receiptKeyOf(folder), Buffer.from(JSON.stringify({ key, sha256, sizeBytes })))
        if (whole === null) await place(client, upload, blobAt(key), sha256)
        else await putObject(client, blobAt(key), whole)
        return { key, sha256, sizeBytes, head }
      })
    },

    async discardUpload(orgId, ticket) {
      const folder = folderOf(orgId, ticket)
      for await (const { key } of listObjects(client, `${folder}/`)) await deleteObject(client, key)
    },

    async put(key, body) {
      body.on('error', () => {})
      const { pieces, confirm } = hashing(body, sha256Of(key))
      await putStream(client, blobAt(key), pieces, confirm)
    },

    read: async (key, range) => openObject(client, blobAt(key), range),

    async localFile(key) {
      const found = await openObject(client, blobAt(key))
      return found === null ? null : copies.make(found.body, sha256Of(key))
    },

    delete: async (key) => deleteObject(client, blobAt(key)),

    async *listBlobs(before) {
      const folder = at('blobs/')
      for await (const { key, changedAt } of listObjects(client, folder)) {
        const blob = key.slice(folder.length)
        if (isBlobKey(blob) && changedAt < before) yield blob
      }
    },

    async removeOrganisation(orgId, signal) {
      const name = folderOfOrganisation(orgId)
      let removed = 0
      for (const part of ['blobs', 'uploads'])
        for await (const { key } of listObjects(client, at(`${part}/${name}/`))) {
          signal?.throwIfAborted()
          await deleteObject(client, key)
          removed++
        }
      // Parts of what was never finished are in no list of objects.
      await abortStale(client, at(`blobs/${name}/`), new Date())
      return removed
    },

    async check() {
      if (performance.now() - checkedAt < CHECK_FRESH_MS) return
      const key = at(`.check-${process.pid}`)
      await putObject(client, key, Buffer.from('ok'))
      await deleteObject(client, key)
      checkedAt = performance.now()
    },

    async sweepUploads(olderThan) {
      const tickets = new Map<string, { newest: Date; keys: string[] }>()
      for await (const { key, changedAt } of listObjects(client, `${uploads}/`)) {
        const folder = key.slice(0, key.lastIndexOf('/'))
        const ticket = tickets.get(folder) ?? { newest: changedAt, keys: [] }
        ticket.keys.push(key)
        if (changedAt > ticket.newest) ticket.newest = changedAt
        tickets.set(folder, ticket)
      }
      for (const [folder, { newest, keys }] of tickets) {
        if (newest >= olderThan || alone.isBusy(folder)) continue
        for (const key of keys) await deleteObject(client, key)
      }
      await abortStale(client, at('blobs/'), olderThan)
    },
  }
}

/** One pass over the parts; a small upload is kept, so that it need not be read a second time. */
const digest = async (client: S3Client, upload: UploadState) => {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  const keptBytes = upload.sizeBytes <= PART_BYTES ? PART_BYTES : HEAD_BYTES
  let sizeBytes = 0
  for await (const piece of readParts(client, upload)) {
    hash.update(piece)
    if (sizeBytes < keptBytes) kept.push(piece)
    sizeBytes += piece.length
  }
  const start = Buffer.concat(kept)
  const whole = upload.sizeBytes <= PART_BYTES ? start : null
  return { sha256: hash.digest('hex'), sizeBytes, whole, head: new Uint8Array(start.subarray(0, HEAD_BYTES)) }
}

const place = (client: S3Client, upload: UploadState, target: string, sha256: string): Promise<void> => {
  // Hashed once more: another replica may have written a part in the meantime.
  const { pieces, confirm } = hashing(readParts(client, upload), sha256)
  return putStream(client, target, pieces, confirm)
}

/** The same answer as the first time; a blob that is not there, or no more, is put there. */
const finishAgain = async (
  client: S3Client,
  folder: string,
  upload: UploadState,
  receipt: Receipt,
  target: string,
): Promise<Finished> => {
  if ((await sizeOfObject(client, target)) === null) {
    if (upload.sizeBytes !== receipt.sizeBytes) {
      await deleteObject(client, receiptKeyOf(folder))
      throw new AppError('conflict', { message: 'The bytes of this upload are gone.', details: { offset: 0 } })
    }
    await place(client, upload, target, receipt.sha256)
  }
  const found = await openObject(client, target, { start: 0, end: HEAD_BYTES })
  return { ...receipt, head: found === null ? new Uint8Array() : new Uint8Array(await buffer(found.body)) }
}

const readReceipt = async (client: S3Client, folder: string): Promise<Receipt | null> => {
  const found = await openObject(client, receiptKeyOf(folder))
  if (found === null) return null
  return JSON.parse(await text(found.body)) as Receipt
}

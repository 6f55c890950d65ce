import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { AppError, type OrgId, type VersionId } from '@quarry/contracts'
import {
  blobKeyOf,
  folderOfOrganisation,
  HEAD_BYTES,
  isBlobKey,
  requireBlobKey,
  sha256Of,
  uploadPathOf,
} from './blob-key.ts'
import type { BlobKey, BlobStore } from './blob-store.ts'
import { appendAt, sizeOf, syncFolder } from './durable-file.ts'
import { hashing } from './hashing.ts'
import { oneAtATime } from './one-at-a-time.ts'

/** Copies through memory in pieces of this size; bigger ones gain nothing on a disk. */
const READ_BYTES = 256 * 1024

type Finished = Awaited<ReturnType<BlobStore['finishUpload']>>

/**
 * Keeps bytes in a folder: `uploads/<org>/<ticket>` while they arrive, then `blobs/<org>/<aa>/<sha256>`. Folders are
 * 0700, files 0600. What a method returned is on the disk. One process appends to an upload at a time.
 */
export const openFileBlobStore = (root: string): BlobStore => {
  const blobPath = (key: BlobKey): string => {
    requireBlobKey(key)
    return join(root, 'blobs', key)
  }
  const uploadPath = (orgId: OrgId, ticket: VersionId): string => join(root, 'uploads', uploadPathOf(orgId, ticket))
  // Two writers would interleave their bytes, and nothing is finished under a writer's hands.
  const alone = oneAtATime(sizeOf)

  return {
    async uploadOffset(orgId, ticket) {
      const path = uploadPath(orgId, ticket)
      return (await readReceipt(path))?.sizeBytes ?? (await sizeOf(path))
    },

    appendUpload(orgId, ticket, offset, body, maxBytes) {
      const path = uploadPath(orgId, ticket)
      // A line that breaks before the first byte is asked for would otherwise be nobody's error, and end the process.
      body.on('error', () => {})
      return alone.run(path, async () => {
        const receipt = await readReceipt(path)
        if (receipt !== null) throw new AppError('conflict', { details: { offset: receipt.sizeBytes } })
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        return appendAt(path, offset, body, maxBytes)
      })
    },

    finishUpload(orgId, ticket) {
      const path = uploadPath(orgId, ticket)
      return alone.run(path, async () => {
        const receipt = await readReceipt(path)
        if (receipt !== null) return finishAgain(path, blobPath(receipt.key), receipt)
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        // An empty file is complete before its first byte.
        await (await open(path, 'a', 0o600)).close()
        const { sha256, sizeBytes } = await hashFile(path)
        const key = blobKeyOf(orgId, sha256)
        const target = blobPath(key)
        // The receipt comes first: whoever asks again after a crash is told the same, whether the move happened or not.
        await writeReceipt(path, { key, sha256, sizeBytes })
        await placeAt(path, target)
        // Not from there: a deletion of equal content may just have taken it away, which whoever refers to it looks for.
        return withHead(path, { key, sha256, sizeBytes })
      })
    },

    async discardUpload(orgId, ticket) {
      const path = uploadPath(orgId, ticket)
      await rm(path, { force: true })
      await rm(receiptPath(path), { force: true })
    },

    async put(key, body) {
      body.on('error', () => {})
      const target = blobPath(key)
      const draft = `${target}.${randomUUID()}`
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      try {
        const { pieces, confirm } = hashing(body, sha256Of(key))
        await writeFile(draft, pieces, { mode: 0o600, flush: true })
        confirm()
        await rename(draft, target)
      } finally {
        await rm(draft, { force: true })
      }
      await syncFolder(dirname(target))
    },

    async read(key, range) {
      const path = blobPath(key)
      const handle = await open(path, 'r').catch(nullWhenMissing)
      if (handle === null) return null
      const { size } = await handle.stat()
      const { start, end } = range ?? { start: 0, end: size }
      if (start >= end) {
        await handle.close()
        return { body: Readable.from([]), sizeBytes: size }
      }
      return { body: handle.createReadStream({ start, end: end - 1, highWaterMark: READ_BYTES }), sizeBytes: size }
    },

    async localFile(key) {
      const path = blobPath(key)
      const found = await stat(path).catch(nullWhenMissing)
      return found === null ? null : { path, release: () => Promise.resolve() }
    },

    async delete(key) {
      await rm(blobPath(key), { force: true })
    },

    async *listBlobs(before) {
      const folder = join(root, 'blobs')
      for await (const { key, path } of filesOfBlobs(folder)) {
        if (!isBlobKey(key)) continue
        const found = await stat(path).catch(nullWhenMissing)
        // When it got its name: its bytes may be older.
        if (found !== null && found.ctime < before) yield key
      }
    },

    async removeOrganisation(orgId, signal) {
      const name = folderOfOrganisation(orgId)
      let removed = 0
      for (const part of ['blobs', 'uploads']) {
        const folder = join(root, part, name)
        for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(noneWhenMissing)) {
          signal?.throwIfAborted()
          if (!entry.isFile()) continue
          await rm(join(entry.parentPath, entry.name), { force: true })
          removed++
        }
        await rm(folder, { recursive: true, force: true })
      }
      return removed
    },

    async check() {
      const path = join(root, `.check-${process.pid}`)
      await mkdir(root, { recursive: true, mode: 0o700 })
      await writeFile(path, 'ok', { mode: 0o600, flush: true })
      await rm(path)
    },

    async sweepUploads(olderThan) {
      const folder = join(root, 'uploads')
      for (const orgId of (await readdir(folder).catch(nullWhenMissing)) ?? []) {
        for (const name of await readdir(join(folder, orgId)).catch(noneWhenMissing)) {
          const path = join(folder, orgId, name)
          const found = await stat(path).catch(nullWhenMissing)
          if (found !== null && found.mtime < olderThan && !alone.isBusy(path)) await rm(path, { force: true })
        }
      }
      // Left by a process that died while it gave a blob its name.
      for await (const { key, path } of filesOfBlobs(join(root, 'blobs'))) {
        if (isBlobKey(key)) continue
        const found = await stat(path).catch(nullWhenMissing)
        if (found !== null && found.ctime < olderThan) await rm(path, { force: true })
      }
    },
  }
}

/** The files of all organisations, drafts included; a folder at a time. */
async function* filesOfBlobs(folder: string): AsyncIterable<{ key: string; path: string }> {
  for (const orgId of (await readdir(folder).catch(nullWhenMissing)) ?? [])
    for (const start of (await readdir(join(folder, orgId)).catch(nullWhenMissing)) ?? [])
      for (const name of (await readdir(join(folder, orgId, start)).catch(nullWhenMissing)) ?? [])
        yield { key: `${orgId}/${start}/${name}`, path: join(folder, orgId, start, name) }
}

const noneWhenMissing = (error: unknown): [] => {
  nullWhenMissing(error)
  return []
}

const nullWhenMissing = (error: unknown): null => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}

const hashFile = async (path: string): Promise<{ sha256: string; sizeBytes: number }> => {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const stream = createReadStream(path, { highWaterMark: READ_BYTES })
  for await (const piece of stream as AsyncIterable<Buffer>) {
    hash.update(piece)
    sizeBytes += piece.length
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

const withHead = async (path: string, blob: Omit<Finished, 'head'>): Promise<Finished> => {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return { ...blob, head: buffer.subarray(0, bytesRead) }
  } finally {
    await handle.close()
  }
}

/**
 * Gives the bytes of an upload their content address; the upload keeps them too, should the blob be deleted before
 * anything refers to it. Equal content of one organisation is one file: a second upload of it takes the first one's place.
 */
const placeAt = async (upload: string, target: string): Promise<void> => {
  const draft = `${target}.${randomUUID()}`
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await link(upload, draft)
  await rename(draft, target)
  // Of two names of one file rename(2) removes neither.
  await rm(draft, { force: true })
  await syncFolder(dirname(target))
}

/** The same answer as the first time; a blob that is not there, or no more, is put there. */
const finishAgain = async (upload: string, target: string, receipt: Receipt): Promise<Finished> => {
  if ((await stat(upload).catch(nullWhenMissing)) !== null) {
    await placeAt(upload, target)
    return withHead(upload, receipt)
  }
  if ((await stat(target).catch(nullWhenMissing)) !== null) return withHead(target, receipt)
  await rm(receiptPath(upload), { force: true })
  throw new AppError('conflict', { message: 'The bytes of this upload are gone.', details: { offset: 0 } })
}

/** Says what became of an upload, for as long as somebody may ask. */
type Receipt = Omit<Finished, 'head'>
const receiptPath = (upload: string): string => `${upload}.finished`

const writeReceipt = async (upload: string, receipt: Receipt): Promise<void> => {
  const path = receiptPath(upload)
  await writeFile(`${path}.draft`, JSON.stringify(receipt), { mode: 0o600, flush: true })
  await rename(`${path}.draft`, path)
  await syncFolder(dirname(path))
}

const readReceipt = async (upload: string): Promise<Receipt | null> => {
  const text = await readFile(receiptPath(upload), 'utf8').catch(nullWhenMissing)
  return text === null ? null : (JSON.parse(text) as Receipt)
}

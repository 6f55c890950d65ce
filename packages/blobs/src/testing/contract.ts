import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { OrgId, VersionId } from '@quarry/contracts'
import { blobKeyOf, type BlobKey, type BlobStore } from '../index.ts'

/** A store that nobody else uses, which several processes may open. */
export interface EmptyPlace {
  open(): BlobStore
  close(): Promise<void>
}

const MEBIBYTE = 1024 * 1024
/** In every adapter more than one part, and none whole. */
const LARGE_BYTES = 19 * MEBIBYTE + 7

/** Tells whether a blob is there, and opens nothing. */
const NOTHING = { start: 0, end: 0 }

/** What every adapter of BlobStore does, whatever it keeps bytes in. */
export const describeBlobStore = (createPlace: () => Promise<EmptyPlace>): void => {
  let place: EmptyPlace
  let store: BlobStore
  let orgId: OrgId
  let ticket: VersionId
  beforeEach(async () => {
    place = await createPlace()
    onTestFinished(() => place.close())
    store = place.open()
    orgId = randomUUID() as OrgId
    ticket = randomUUID() as VersionId
  })
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  const piecesOf = (bytes: Buffer): Readable => Readable.from([bytes.subarray(0, 10), bytes.subarray(10)])
  const upload = async (bytes: Buffer, as = ticket, org = orgId) => {
    await store.appendUpload(org, as, 0, piecesOf(bytes), bytes.length)
    return store.finishUpload(org, as)
  }

  describe('an upload', () => {
    test('comes back byte for byte, under the address of its content', async () => {
      const bytes = randomBytes(3 * MEBIBYTE)
      const { key, head, ...rest } = await upload(bytes)
      expect(rest).toEqual({ sha256: sha256(bytes), sizeBytes: bytes.length })
      expect(key).toBe(`${orgId}/${rest.sha256.slice(0, 2)}/${rest.sha256}`)
      expect(Buffer.from(head).equals(bytes.subarray(0, 4_100))).toBe(true)
      const found = await store.read(key)
      expect(found?.sizeBytes).toBe(bytes.length)
      expect((await buffer(found!.body)).equals(bytes)).toBe(true)
      const local = await store.localFile(key)
      expect((await readFile(local!.path)).equals(bytes)).toBe(true)
      expect(statSync(local!.path).mode & 0o077).toBe(0)
      await local!.release()
    })

    test('that broke goes on where it stopped, at any byte', async () => {
      const bytes = randomBytes(MEBIBYTE)
      const broken = new PassThrough()
      const first = store.appendUpload(orgId, ticket, 0, broken, bytes.length)
      broken.write(bytes.subarray(0, 700_001))
      setImmediate(() => broken.destroy(new Error('the line is dead')))
      await expect(first).rejects.toThrow('the line is dead')

      const offset = await store.uploadOffset(orgId, ticket)
      expect(offset).toBeLessThanOrEqual(700_001)
      // Another process goes on: what arrived is on the disk.
      store = place.open()
      expect(await store.uploadOffset(orgId, ticket)).toBe(offset)
      const size = await store.appendUpload(
        orgId,
        ticket,
        offset,
        Readable.from([bytes.subarray(offset)]),
        bytes.length,
      )
      expect(size).toBe(bytes.length)
      expect((await store.finishUpload(orgId, ticket)).sha256).toBe(sha256(bytes))
    })

    test('at another offset is told the right one, and changes nothing', async () => {
      await store.appendUpload(orgId, ticket, 0, Readable.from([Buffer.from('12345')]), 10)
      for (const wrong of [0, 4, 6])
        await expect(
          store.appendUpload(orgId, ticket, wrong, Readable.from([Buffer.from('x')]), 10),
        ).rejects.toMatchObject({
          code: 'conflict',
          details: { offset: 5 },
        })
      expect(await store.uploadOffset(orgId, ticket)).toBe(5)
    })

    test('has one writer at a time, and is not finished under its hands', async () => {
      const slow = new PassThrough()
      const first = store.appendUpload(orgId, ticket, 0, slow, 100)
      slow.write('abc')
      await expect(store.appendUpload(orgId, ticket, 0, Readable.from([Buffer.from('x')]), 100)).rejects.toMatchObject({
        code: 'conflict',
      })
      await expect(store.finishUpload(orgId, ticket)).rejects.toMatchObject({ code: 'conflict' })
      slow.end('def')
      expect(await first).toBe(6)
      expect((await store.finishUpload(orgId, ticket)).sha256).toBe(sha256(Buffer.from('abcdef')))
    })

    test('past its size is stopped there, and the sender is cut off', async () => {
      const endless = new PassThrough()
      endless.write(Buffer.alloc(60))
      endless.write(Buffer.alloc(60))
      await expect(store.appendUpload(orgId, ticket, 0, endless, 100)).rejects.toMatchObject({ code: 'too_large' })
      expect(endless.destroyed).toBe(true)
      expect(await store.uploadOffset(orgId, ticket)).toBeLessThanOrEqual(100)
    })

    test('of nothing is an empty blob', async () => {
      const { key, sizeBytes, sha256: hash } = await store.finishUpload(orgId, ticket)
      expect([sizeBytes, hash]).toEqual([0, sha256(Buffer.alloc(0))])
      expect(await buffer((await store.read(key))!.body)).toHaveLength(0)
    })

    test('finished twice answers the same, also by another process, and takes no more bytes', async () => {
      const bytes = randomBytes(5_000)
      const first = await upload(bytes)
      expect(await store.finishUpload(orgId, ticket)).toEqual(first)
      expect(await place.open().finishUpload(orgId, ticket)).toEqual(first)
      expect(await store.uploadOffset(orgId, ticket)).toBe(bytes.length)
      await expect(
        store.appendUpload(orgId, ticket, 5_000, Readable.from([Buffer.from('x')]), 9_000),
      ).rejects.toMatchObject({ code: 'conflict' })
    })

    test('that is discarded is gone; a blob that it became stays', async () => {
      await store.appendUpload(orgId, ticket, 0, Readable.from([Buffer.from('abc')]), 10)
      await store.discardUpload(orgId, ticket)
      expect(await store.uploadOffset(orgId, ticket)).toBe(0)
      const { key } = await upload(randomBytes(100))
      await store.discardUpload(orgId, ticket)
      expect(await store.read(key, NOTHING)).not.toBeNull()
    })

    test('that nobody came back for is swept', async () => {
      await store.appendUpload(orgId, ticket, 0, Readable.from([Buffer.from('abc')]), 10)
      const day = 24 * 3600 * 1000
      await store.sweepUploads(new Date(Date.now() - day))
      expect(await store.uploadOffset(orgId, ticket)).toBe(3)
      await store.sweepUploads(new Date(Date.now() + day))
      expect(await store.uploadOffset(orgId, ticket)).toBe(0)
    })
  })

  describe('a blob', () => {
    test('is one file per organisation and content, and never shared between organisations', async () => {
      const bytes = randomBytes(1_000)
      const other = randomUUID() as OrgId
      const first = await upload(bytes)
      const again = await upload(bytes, randomUUID() as VersionId)
      const elsewhere = await upload(bytes, randomUUID() as VersionId, other)
      expect(again.key).toBe(first.key)
      expect(elsewhere.key).not.toBe(first.key)
      await store.delete(first.key)
      expect(await store.read(first.key, NOTHING)).toBeNull()
      expect(await store.localFile(first.key)).toBeNull()
      expect(await store.read(elsewhere.key, NOTHING)).not.toBeNull()
      await store.delete(first.key)
    })

    test.each([
      [0, 10],
      [990, 1_000],
      [500, 501],
      [7, 7],
      [900, 5_000],
    ])('gives the range [%i, %i)', async (start, end) => {
      const bytes = randomBytes(1_000)
      const { key } = await upload(bytes)
      const found = await store.read(key, { start, end })
      expect(found?.sizeBytes).toBe(1_000)
      expect((await buffer(found!.body)).equals(bytes.subarray(start, end))).toBe(true)
    })

    test.each(['../../etc/passwd', 'a', '', `${randomUUID()}/ab/../../../../etc/passwd`])(
      'cannot have the key %j',
      async (key) => {
        await expect(store.read(key as BlobKey)).rejects.toThrow(TypeError)
        await expect(store.uploadOffset(orgId, '../x' as VersionId)).rejects.toThrow(TypeError)
      },
    )
  })

  describe('an organisation that is removed', () => {
    test('leaves no blob, no upload and no receipt; another keeps its own', async () => {
      const other = randomUUID() as OrgId
      const bytes = randomBytes(1_000)
      const { key } = await upload(bytes)
      const elsewhere = await upload(bytes, randomUUID() as VersionId, other)
      const half = randomUUID() as VersionId
      await store.appendUpload(orgId, half, 0, Readable.from([bytes]), 2_000)
      expect(await store.removeOrganisation(orgId)).toBeGreaterThanOrEqual(3)
      expect(await store.read(key, NOTHING)).toBeNull()
      expect(await store.uploadOffset(orgId, half)).toBe(0)
      expect(await store.uploadOffset(orgId, ticket)).toBe(0)
      expect(await store.read(elsewhere.key, NOTHING)).not.toBeNull()
      expect(await store.removeOrganisation(orgId)).toBe(0)
    })

    test('is gone with the second call where the first one was ended early', async () => {
      await upload(randomBytes(100))
      await expect(store.removeOrganisation(orgId, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
      expect(await store.removeOrganisation(orgId)).toBeGreaterThanOrEqual(1)
    })

    test.each(['', '..', '../blobs'])('cannot be %j', async (id) => {
      await expect(store.removeOrganisation(id as OrgId)).rejects.toThrow(TypeError)
    })
  })

  test('a store that can be written passes its check', async () => {
    await expect(store.check()).resolves.toBeUndefined()
  })

  describe('a large file', () => {
    test('that arrives in three requests, each at another process, is one blob', async () => {
      const bytes = randomBytes(LARGE_BYTES)
      let offset = 0
      for (const end of [5 * MEBIBYTE + 1, 14 * MEBIBYTE, bytes.length]) {
        const sent = Readable.from([bytes.subarray(offset, end)])
        offset = await place.open().appendUpload(orgId, ticket, offset, sent, bytes.length)
        expect(offset).toBe(end)
      }
      const { key, sizeBytes } = await place.open().finishUpload(orgId, ticket)
      expect([key, sizeBytes]).toEqual([blobKeyOf(orgId, sha256(bytes)), bytes.length])
      expect(sha256(await buffer((await store.read(key))!.body))).toBe(sha256(bytes))
      const middle = await store.read(key, { start: 8 * MEBIBYTE - 3, end: 8 * MEBIBYTE + 3 })
      expect((await buffer(middle!.body)).equals(bytes.subarray(8 * MEBIBYTE - 3, 8 * MEBIBYTE + 3))).toBe(true)
    })
  })

  describe('a copy', () => {
    test.each([0, 5_000, LARGE_BYTES])('of %i bytes is stored at its address, also twice', async (size) => {
      const bytes = randomBytes(size)
      const key = blobKeyOf(orgId, sha256(bytes))
      await store.put(key, Readable.from([bytes]))
      await store.put(key, Readable.from([bytes]))
      expect(sha256(await buffer((await store.read(key))!.body))).toBe(sha256(bytes))
    })

    test.each([5_000, LARGE_BYTES])('of %i bytes that are others is refused, and leaves nothing', async (size) => {
      const key = blobKeyOf(orgId, sha256(Buffer.from('something else')))
      await expect(store.put(key, Readable.from([randomBytes(size)]))).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.read(key, NOTHING)).toBeNull()
    })

    test('that breaks leaves nothing', async () => {
      const key = blobKeyOf(orgId, sha256(Buffer.from('half')))
      const broken = new PassThrough()
      broken.write('ha')
      setImmediate(() => broken.destroy(new Error('the disk is away')))
      await expect(store.put(key, broken)).rejects.toThrow('the disk is away')
      expect(await store.read(key, NOTHING)).toBeNull()
    })
  })
}

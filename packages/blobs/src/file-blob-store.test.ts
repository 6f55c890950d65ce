import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { OrgId, VersionId } from '@quarry/contracts'
import { openFileBlobStore, type BlobKey, type BlobStore } from './index.ts'

const MEBIBYTE = 1024 * 1024
let root: string
let store: BlobStore
let orgId: OrgId
let ticket: VersionId
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quarry-blobs-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  store = openFileBlobStore(root)
  orgId = randomUUID() as OrgId
  ticket = randomUUID() as VersionId
})
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const piecesOf = (bytes: Buffer): Readable => Readable.from([bytes.subarray(0, 10), bytes.subarray(10)])
const upload = async (bytes: Buffer, as = ticket, org = orgId) => {
  await store.appendUpload(org, as, 0, piecesOf(bytes), bytes.length)
  return store.finishUpload(org, as)
}
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

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
    store = openFileBlobStore(root)
    expect(await store.uploadOffset(orgId, ticket)).toBe(offset)
    const size = await store.appendUpload(orgId, ticket, offset, Readable.from([bytes.subarray(offset)]), bytes.length)
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
    expect(await openFileBlobStore(root).finishUpload(orgId, ticket)).toEqual(first)
    expect(await store.uploadOffset(orgId, ticket)).toBe(bytes.length)
    await expect(
      store.appendUpload(orgId, ticket, 5_000, Readable.from([Buffer.from('x')]), 9_000),
    ).rejects.toMatchObject({ code: 'conflict' })
  })

  test('whose process died between the receipt and the move is finished by the next one', async () => {
    const bytes = randomBytes(500)
    const { key, sha256: hash } = await upload(bytes)
    const path = join(root, 'uploads', orgId, ticket)
    await store.delete(key)
    writeFileSync(path, bytes)
    expect((await openFileBlobStore(root).finishUpload(orgId, ticket)).sha256).toBe(hash)
    expect(await buffer((await store.read(key))!.body)).toHaveLength(500)
  })

  test('that is discarded is gone; a blob that it became stays', async () => {
    await store.appendUpload(orgId, ticket, 0, Readable.from([Buffer.from('abc')]), 10)
    await store.discardUpload(orgId, ticket)
    expect(await store.uploadOffset(orgId, ticket)).toBe(0)
    const { key } = await upload(randomBytes(100))
    await store.discardUpload(orgId, ticket)
    expect(await store.read(key)).not.toBeNull()
  })

  test('that nobody came back for is swept', async () => {
    await store.appendUpload(orgId, ticket, 0, Readable.from([Buffer.from('abc')]), 10)
    const day = 24 * 3600 * 1000
    await store.sweepUploads(new Date(Date.now() - day))
    expect(await store.uploadOffset(orgId, ticket)).toBe(3)
    const old = new Date(Date.now() - 2 * day)
    utimesSync(join(root, 'uploads', orgId, ticket), old, old)
    await store.sweepUploads(new Date(Date.now() - day))
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
    expect(await store.read(first.key)).toBeNull()
    expect(await store.localFile(first.key)).toBeNull()
    expect(await store.read(elsewhere.key)).not.toBeNull()
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

  test('can be read by nobody but its owner', async () => {
    await upload(randomBytes(10))
    await store.appendUpload(orgId, randomUUID() as VersionId, 0, Readable.from([Buffer.from('abc')]), 10)
    const files = filesBelow(root)
    // A blob, the upload that it came from, its receipt, and another upload.
    expect(files).toHaveLength(4)
    expect(files.map((file) => statSync(file).mode & 0o077)).toEqual([0, 0, 0, 0])
    const folders = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.every((folder) => (statSync(join(folder.parentPath, folder.name)).mode & 0o077) === 0)).toBe(true)
  })

  test.each(['../../etc/passwd', 'a', '', `${randomUUID()}/ab/../../../../etc/passwd`])(
    'cannot have the key %j',
    async (key) => {
      await expect(store.read(key as BlobKey)).rejects.toThrow(TypeError)
      await expect(store.uploadOffset(orgId, '../x' as VersionId)).rejects.toThrow(TypeError)
    },
  )
})

test('the check fails where nothing can be written', async () => {
  await expect(store.check()).resolves.toBeUndefined()
  writeFileSync(join(root, 'file'), '')
  await expect(openFileBlobStore(join(root, 'file')).check()).rejects.toThrow(/EEXIST|ENOTDIR/)
})

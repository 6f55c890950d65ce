import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { OrgId, VersionId } from '@quarry/contracts'
import { openFileBlobStore, type BlobStore } from './index.ts'
import { describeBlobStore } from './testing/contract.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'quarry-blobs-'))

describe('files in a folder', () => {
  describeBlobStore(() => {
    const root = newFolder()
    return Promise.resolve({
      open: () => openFileBlobStore(root),
      close: () => Promise.resolve(rmSync(root, { recursive: true })),
    })
  })
})

let root: string
let store: BlobStore
let orgId: OrgId
let ticket: VersionId
beforeEach(() => {
  root = newFolder()
  onTestFinished(() => rmSync(root, { recursive: true }))
  store = openFileBlobStore(root)
  orgId = randomUUID() as OrgId
  ticket = randomUUID() as VersionId
})
const upload = async (bytes: Buffer) => {
  await store.appendUpload(orgId, ticket, 0, Readable.from([bytes]), bytes.length)
  return store.finishUpload(orgId, ticket)
}
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

test('an upload whose process died between the receipt and the move is finished by the next one', async () => {
  const bytes = randomBytes(500)
  const { key, sha256: hash } = await upload(bytes)
  const path = join(root, 'uploads', orgId, ticket)
  await store.delete(key)
  writeFileSync(path, bytes)
  expect((await openFileBlobStore(root).finishUpload(orgId, ticket)).sha256).toBe(hash)
  expect(await buffer((await store.read(key))!.body)).toHaveLength(500)
})

test('a blob can be read by nobody but its owner', async () => {
  await upload(randomBytes(10))
  await store.appendUpload(orgId, randomUUID() as VersionId, 0, Readable.from([Buffer.from('abc')]), 10)
  const files = filesBelow(root)
  // A blob, the upload that it came from, its receipt, and another upload.
  expect(files).toHaveLength(4)
  expect(files.map((file) => statSync(file).mode & 0o077)).toEqual([0, 0, 0, 0])
  const folders = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.every((folder) => (statSync(join(folder.parentPath, folder.name)).mode & 0o077) === 0)).toBe(true)
})

test('the check fails where nothing can be written', async () => {
  await expect(store.check()).resolves.toBeUndefined()
  writeFileSync(join(root, 'file'), '')
  await expect(openFileBlobStore(join(root, 'file')).check()).rejects.toThrow(/EEXIST|ENOTDIR/)
})

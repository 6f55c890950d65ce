import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { CollectionId, VersionId } from '@quarry/contracts'
import {
  appendUpload,
  completeDocument,
  createManyDocuments,
  createWebCore,
  deleteDocument,
  openContent,
  type VerbContext,
  type WebCore,
} from '@quarry/core/web'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { testEnvironment } from './testing/environment.ts'

const CONTENT = '# The same in two documents'
let database: TestDatabase
let core: WebCore
let folder: string
let tenant: TestTenant
let collectionId: CollectionId

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-bytes-'))
  database = await createTestDatabase()
  core = createWebCore(testEnvironment(database, folder))
})
beforeEach(async () => {
  tenant = await createTenant(database)
  collectionId = await createCollection(tenant)
})
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

/** With a blob store in which some methods are replaced. */
const contextWith = (blobs: Partial<VerbContext['deps']['blobs']> = {}): VerbContext => ({
  deps: { ...core.deps, blobs: { ...core.deps.blobs, ...blobs } },
  actor: tenant.owner,
  requestId: randomUUID(),
})
const uploaded = async (path: string): Promise<VersionId> => {
  const ctx = contextWith()
  const [file] = await createManyDocuments(ctx, { collectionId, files: [{ path, sizeBytes: CONTENT.length }] })
  if (!file?.ticket) throw new Error('the upload was refused')
  await appendUpload(ctx, { ticket: file.ticket, offset: 0, body: Readable.from([Buffer.from(CONTENT)]) })
  return file.ticket
}
const bytesOf = async (versionId: VersionId): Promise<string> =>
  text(await (await openContent(contextWith(), { versionId })).open())
/** A place at which somebody waits until they are let go. */
const gate = () => ({ reached: Promise.withResolvers<void>(), opened: Promise.withResolvers<void>() })
it('bytes that are deleted with one document stay for another that is completed while they are', async () => {
  const { document } = await completeDocument(contextWith(), { ticket: await uploaded('first.md') })
  const second = await uploaded('second.md')
  const { reached, opened } = gate()
  const deletion = deleteDocument(
    contextWith({
      delete: async (key) => {
        reached.resolve()
        await opened.promise
        return core.deps.blobs.delete(key)
      },
    }),
    { id: document.id },
  )
  await reached.promise
  // Twice at the end of its upload: the first time it found the bytes on their way out.
  let finished = 0
  const completion = completeDocument(
    contextWith({
      finishUpload: (...args) => {
        finished += 1
        return core.deps.blobs.finishUpload(...args)
      },
    }),
    { ticket: second },
  )
  await vi.waitUntil(() => finished >= 2, { timeout: 5000 })
  opened.resolve()
  await deletion
  expect((await completion).outcome).toBe('accepted')
  expect(await bytesOf(second)).toBe(CONTENT)
})

it('bytes that are deleted between the end of an upload and its entry are put back', async () => {
  const { document } = await completeDocument(contextWith(), { ticket: await uploaded('first.md') })
  const second = await uploaded('second.md')
  const { reached, opened } = gate()
  const completion = completeDocument(
    contextWith({
      finishUpload: async (...args) => {
        const finished = await core.deps.blobs.finishUpload(...args)
        reached.resolve()
        await opened.promise
        return finished
      },
    }),
    { ticket: second },
  )
  await reached.promise
  await deleteDocument(contextWith(), { id: document.id })
  opened.resolve()
  expect((await completion).outcome).toBe('accepted')
  expect(await bytesOf(second)).toBe(CONTENT)
})

it('a document whose bytes cannot be deleted can be deleted again, and then leaves none', async () => {
  const ticket = await uploaded('first.md')
  const { document } = await completeDocument(contextWith(), { ticket })
  const content = await openContent(contextWith(), { versionId: ticket })
  const broken = contextWith({ delete: () => Promise.reject(new Error('the disk is away')) })
  await expect(deleteDocument(broken, { id: document.id })).rejects.toThrow('the disk is away')
  await deleteDocument(contextWith(), { id: document.id })
  await expect(content.open()).rejects.toMatchObject({ code: 'not_found' })
  const left = await database.owner.unsafe(`select 1 from document_version where id = $1`, [ticket])
  expect(left).toHaveLength(0)
})

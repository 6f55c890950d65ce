import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pageOf, documentItem } from '@quarry/contracts'
import { completeDocument, createWebCore, deleteDocument, sweepUploads, type WebCore } from '@quarry/core/web'
import { createDocument, createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { call } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let core: WebCore
let folder: string
let world: World

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-documents-'))
  database = await createTestDatabase()
  core = createWebCore(testEnvironment(database, folder))
})
beforeEach(async () => {
  world = await createWorld(core, database)
})
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

const context = () => ({ deps: core.deps, actor: world.tenant.owner, requestId: randomUUID() })
const rows = (table: string, where = 'true') =>
  database.owner.unsafe<Record<string, unknown>[]>(`select * from ${table} where org_id = $1 and ${where}`, [
    world.tenant.orgId,
  ])
const listed = async (input: object) => {
  const outcome = await call(core, world.tenant.member, 'documents.list', input)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return pageOf(documentItem).parse(outcome.output)
}

it('a deleted document is gone from lists, index and statistics, and its deletion is in the audit', async () => {
  const statsBefore = await rows('collection_stat')
  const extra = await createDocument(world.tenant, world.collectionId, { pages: ['one two three', 'four five'] })
  await deleteDocument(context(), { id: extra.documentId })
  expect(await rows('collection_stat')).toEqual(statsBefore)
  for (const table of ['document_version', 'document_page', 'chunk', 'posting'])
    expect(
      await rows(
        table,
        table === 'document_version' ? `id = '${extra.versionId}'` : `version_id = '${extra.versionId}'`,
      ),
    ).toHaveLength(0)
  expect(await rows('audit_event', `action = 'document.delete'`)).toMatchObject([{ subject_id: extra.documentId }])
})

it('bytes go with the last version that has them', async () => {
  const { document } = await completeDocument(context(), { ticket: world.upload.ticket })
  const [{ blob_key: key } = { blob_key: '' }] = await rows('document_version', `id = '${document.latest.id}'`)
  const other = await createDocument(world.tenant, world.collectionId)
  await database.owner.unsafe(
    `update document_version set (blob_key, content_hash) =
      (select blob_key, content_hash from document_version where id = $1) where id = $2`,
    [document.latest.id, other.versionId],
  )
  const content = () => call(core, world.tenant.owner, 'documents.version', { versionId: other.versionId })
  await deleteDocument(context(), { id: document.id })
  expect(await content()).toMatchObject({ ok: true })
  const bytes = async () => core.deps.blobs.read(key as Parameters<typeof core.deps.blobs.read>[0])
  const kept = await bytes()
  kept?.body.destroy()
  expect(kept).not.toBeNull()
  await deleteDocument(context(), { id: other.documentId })
  expect(await bytes()).toBeNull()
})

it('pages follow each other without a gap or a repeat, also among rows of one moment', async () => {
  const paths = Array.from({ length: 23 }, (_, i) => ({ path: `many/${i}.md`, sizeBytes: 1 }))
  const created = await call(core, world.tenant.member, 'documents.createMany', {
    collectionId: world.collectionId,
    files: paths,
  })
  expect(created).toMatchObject({ ok: true })
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await listed({ query: 'MANY/', limit: 5, cursor })
    seen.push(...page.items.map(({ path }) => path))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(seen.toSorted()).toEqual(paths.map(({ path }) => path).toSorted())
  expect((await listed({ state: 'searchable' })).items.map(({ path }) => path)).toEqual([world.document.path])
})

it('a list can be of one kind of file', async () => {
  const sheet = await createDocument(world.tenant, world.collectionId, { path: 'budget.csv' })
  await database.owner.unsafe(`update document_version set media_type = 'text/csv' where id = $1`, [sheet.versionId])
  expect((await listed({ mediaType: 'text/csv' })).items.map(({ path }) => path)).toEqual(['budget.csv'])
  expect((await listed({ mediaType: 'image/png' })).items).toEqual([])
})

it('a version names its sections where the format does', async () => {
  const deck = await createDocument(world.tenant, world.collectionId, { pages: ['one', 'two', 'three'] })
  await database.owner.unsafe(
    `update document_page set label = 'Slide ' || ordinal where version_id = $1 and ordinal > 1`,
    [deck.versionId],
  )
  const outcome = await call(core, world.tenant.member, 'documents.version', { versionId: deck.versionId })
  expect(outcome).toMatchObject({
    ok: true,
    output: {
      sections: 3,
      labels: [
        { ordinal: 2, label: 'Slide 2' },
        { ordinal: 3, label: 'Slide 3' },
      ],
    },
  })
})

it('an upload that nobody finished is forgotten after a day, with its bytes', async () => {
  expect(await sweepUploads(core.deps)).toBe(0)
  const tomorrow = new Date(Date.now() + 25 * 3600_000)
  expect(await sweepUploads(core.deps, tomorrow)).toBeGreaterThan(0)
  expect(await rows('document', `id = '${world.upload.documentId}'`)).toHaveLength(0)
  expect(await rows('document', `id = '${world.document.documentId}'`)).toHaveLength(1)
})

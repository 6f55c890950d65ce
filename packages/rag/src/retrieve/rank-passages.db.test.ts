import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DocumentId, SearchInput } from '@quarry/contracts'
import { createCollection, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { filtersOf } from './filters.ts'
import { analyseQuery } from './query-terms.ts'
import { rankPassages } from './rank-passages.ts'
import { ingestFile } from './testing/ingest-files.ts'

/** “harbour” is in all of them, “egret” in two: with one posting to read, only the egrets are looked for. */
const TEXTS = {
  'both.md': 'An egret stands in the harbour.',
  'rare.md': 'An egret stands in the meadow.',
  'frequent.md': 'The harbour is closed at night.',
  'other.md': 'The harbour is open by day.',
}
const BUDGET = 1

let database: TestDatabase
let tenant: TestTenant
const versions = new Map<string, string>()
const documents = new Map<string, DocumentId>()

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-words-'))
  database = await createTestDatabase()
  tenant = await createTenant(database)
  const collectionId = await createCollection(tenant)
  for (const [name, text] of Object.entries(TEXTS)) {
    await writeFile(join(folder, name), text)
    const made = await ingestFile(tenant.as(tenant.system), collectionId, join(folder, name), name)
    versions.set(made.versionId, name)
    documents.set(name, made.documentId)
  }
  await rm(folder, { recursive: true })
}, 60_000)
afterAll(() => database.close())

const ranked = (more: Partial<SearchInput>, most: number) =>
  tenant.as(tenant.member).tx(async (tx) => {
    const filters = filtersOf({ query: 'egret harbour', limit: 10, ...more })
    const query = await analyseQuery(tx, tenant.orgId, 'egret harbour', filters.collectionIds)
    const { passages } = await rankPassages(tx, tenant.orgId, query, filters, 10, false, most)
    return passages.map(({ versionId, score }) => ({ name: versions.get(versionId), score }))
  })

test('a word behind the budget finds nothing by itself, and counts in full where a rarer one found', async () => {
  const all = await ranked({}, Number.MAX_SAFE_INTEGER)
  expect(all.map(({ name }) => name)).toHaveLength(4)
  expect(await ranked({}, BUDGET)).toEqual(all.slice(0, 2))
})

test('where the rarer words have few postings, the next one finds as well: a result is not cut short', async () => {
  const all = await ranked({}, Number.MAX_SAFE_INTEGER)
  expect(await ranked({}, BUDGET + 2)).toEqual(all)
})

test('a filter that leaves nothing of the rarer words leaves the budget to the others', async () => {
  const documentIds = [documents.get('frequent.md') ?? expect.unreachable()]
  const exact = await ranked({ documentIds }, Number.MAX_SAFE_INTEGER)
  expect(exact.map(({ name }) => name)).toEqual(['frequent.md'])
  expect(await ranked({ documentIds }, BUDGET)).toEqual(exact)
})

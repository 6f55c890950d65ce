import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CollectionId } from '@quarry/contracts'
import { createCollection, createTenant, createTestDatabase, grantCollection } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { retrieve, retrieveWithWords } from './retrieve.ts'
import { ingestFile } from './testing/ingest-files.ts'

const TEXTS: Readonly<Record<string, string>> = {
  'studies.md': '# Studies\n\nThe studies of running water were published in Basel. Water runs downhill.',
  'weather.md': '# Weather\n\nRain fell on Basel for nine days. The gauges were emptied twice.',
  'birds.md': '# Birds\n\nHerons and egrets stand in shallow water at dawn.',
  'zh.md': '# 水利\n\n都江堰是中国古代的水利工程，位于四川省。',
  'de.md':
    '# Wetter\n\nDer Regen fiel auf die Stadt. Die Häuser standen unter Wasser und the end kam nie, denn der Fluss war hoch.',
}

let database: TestDatabase
let tenant: TestTenant
let open: CollectionId
let restricted: CollectionId
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-retrieve-'))
  database = await createTestDatabase()
  tenant = await createTenant(database)
  open = await createCollection(tenant)
  restricted = await createCollection(tenant, { visibility: 'restricted' })
  for (const name of Object.keys(TEXTS)) await add(tenant, open, name, TEXTS[name] ?? '')
  await add(tenant, restricted, 'secret.md', '# Secret\n\nThe zanzibar ledger lists running water costs.')
}, 60_000)
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

async function add(owner: TestTenant, collectionId: CollectionId, name: string, text: string) {
  const path = join(folder, name)
  await writeFile(path, text)
  return ingestFile(owner.as(owner.system), collectionId, path, name)
}

const search = (query: string, more: object = {}) => retrieve(tenant.as(tenant.member), { query, limit: 10, ...more })
const marked = (hit: { text: string; highlights: { start: number; end: number }[] }) =>
  hit.highlights.map(({ start, end }) => hit.text.slice(start, end))

describe('ranking', () => {
  test('inflections match, rare words count more than common ones', async () => {
    const hits = await search('a study of running in Basel')
    expect(hits.map((hit) => hit.document).slice(0, 2)).toEqual(['studies.md', 'weather.md'])
    expect(hits[0]!.score).toBeGreaterThan(hits[1]!.score)
  })
  test('the score is BM25 of the definition', async () => {
    const hits = await search('egrets', { collectionIds: [open] })
    expect(hits).toHaveLength(1)
    const rows = await database.owner<{ chunks: number; length: number }[]>`
      select sum(chunks)::int chunks, sum(length)::int length from collection_stat where collection_id = ${open}`
    const [posting] = await database.owner<{ tf: number; length: number }[]>`
      select tf, length from posting where lexeme = 'egret' and collection_id = ${open}`
    const { chunks, length } = rows[0]!
    const { tf, length: dl } = posting!
    const idf = Math.log(1 + (chunks - 1 + 0.5) / 1.5)
    const expected = (idf * tf * 2.2) / (tf + 1.2 * (0.25 + (0.75 * dl) / (length / chunks)))
    expect(hits[0]!.score).toBeCloseTo(expected, 9)
  })
  test('a repeated word counts twice', async () => {
    const [once] = await search('egrets', { collectionIds: [open] })
    const [twice] = await search('egrets egrets', { collectionIds: [open] })
    expect(twice!.score).toBeCloseTo(2 * once!.score, 9)
  })
  test('English stop words do not find German text that happens to have them', async () => {
    const hits = await search('the end of the rain', { collectionIds: [open] })
    expect(hits[0]!.document).toBe('weather.md')
    expect(await search('what is the')).toEqual([])
  })
  test('Chinese is found by its words', async () => {
    const [hit] = await search('四川的水利工程')
    expect(hit!.document).toBe('zh.md')
    expect(marked(hit!)).toEqual(['水利', '的水利工程', '四川'])
  })
  test('nothing is found for words that no document has', async () => {
    expect(await search('xylophone')).toEqual([])
    expect(await search('?!')).toEqual([])
  })
})

describe('hits', () => {
  test('carry the page text at their span, with matched words highlighted in any inflection', async () => {
    const [hit] = await search('study running')
    const page = await database.owner<{ text: string }[]>`
      select text from document_page where version_id = ${hit!.versionId} and ordinal = ${hit!.ordinal}`
    expect(page[0]!.text.slice(hit!.span.start, hit!.span.end)).toBe(hit!.text)
    expect(marked(hit!)).toEqual(expect.arrayContaining(['studies', 'running', 'runs']))
    expect(marked(hit!)).not.toContain('Water')
    expect(hit!.page).toBeNull()
  })
  test('say how many passages have each word of the query', async () => {
    const { words, passages } = await retrieveWithWords(tenant.as(tenant.member), {
      query: 'Basel xylophone',
      limit: 3,
    })
    expect(words).toEqual([
      { word: 'basel', passages: 2, forms: [] },
      { word: 'xylophone', passages: 0, forms: [] },
    ])
    expect(passages).toBe(5)
  })
  test("say how the passages write the query's words, by the index's stems", async () => {
    const { words } = await retrieveWithWords(tenant.as(tenant.member), { query: 'study running', limit: 3 })
    expect(words.find(({ word }) => word === 'study')?.forms).toContain('studies')
    expect(words.find(({ word }) => word === 'running')?.forms).toContain('runs')
  })
  test('count a word that is a stop word of one language only by the others', async () => {
    const both = await createCollection(tenant)
    const french = 'Les enfants chantent dans la cour de la maison pendant que les parents préparent le repas du soir.'
    await add(tenant, both, 'fr.md', french)
    await add(tenant, both, 'en.md', 'Freezer C stands in the second cellar and is opened once a week by the keeper.')
    const filter = { collectionIds: [both], limit: 5 }
    const { words } = await retrieveWithWords(tenant.as(tenant.member), {
      query: 'What is in the freezer C?',
      ...filter,
    })
    expect(words.find(({ word }) => word === 'c')?.passages).toBe(1)
  })
  test('name each document once on request', async () => {
    const long = Array.from({ length: 40 }, (_, i) => `## Part ${i}\n\n${'Marmots whistle at noon. '.repeat(30)}`).join(
      '\n\n',
    )
    const other = await createCollection(tenant)
    await add(tenant, other, 'marmots.md', long)
    const filter = { collectionIds: [other], limit: 20 }
    expect((await search('marmots', filter)).length).toBeGreaterThan(1)
    const once = await retrieve(tenant.as(tenant.member), { query: 'marmots', ...filter }, { perDocument: true })
    expect(once).toHaveLength(1)
  })
})

describe('visibility', () => {
  test('a restricted collection neither ranks nor counts for those outside', async () => {
    expect(await search('zanzibar')).toEqual([])
    const outside = await retrieveWithWords(tenant.as(tenant.member), {
      query: 'water',
      limit: 1,
      collectionIds: [open],
    })
    const everything = await retrieveWithWords(tenant.as(tenant.member), { query: 'zanzibar water', limit: 1 })
    expect(everything.words.find(({ word }) => word === 'zanzibar')?.passages).toBe(0)
    expect(outside.passages).toBe(5)
    await grantCollection(tenant, restricted, tenant.viewer)
    const granted = await retrieve(tenant.as(tenant.viewer), { query: 'zanzibar', limit: 5 })
    expect(granted.map((hit) => hit.document)).toEqual(['secret.md'])
  })
  test('another organisation changes no score and shows nothing', async () => {
    const before = await search('egrets', { collectionIds: [open] })
    const stranger = await createTenant(database)
    const theirs = await createCollection(stranger)
    for (let i = 0; i < 3; i++) await add(stranger, theirs, `egrets-${i}.md`, 'Egrets, egrets and more egrets.')
    expect(await search('egrets', { collectionIds: [open] })).toEqual(before)
    expect(await retrieve(stranger.as(stranger.member), { query: 'herons', limit: 5 })).toEqual([])
    expect(await search('egrets', { collectionIds: [theirs] })).toEqual([])
  })
  test('a version that is not live is invisible', async () => {
    const draft = await createCollection(tenant)
    const { documentId } = await add(tenant, draft, 'draft.md', 'Quokkas smile.')
    expect(await search('quokkas')).toHaveLength(1)
    await database.owner`update document set live_version_id = null where id = ${documentId}`
    expect(await search('quokkas')).toEqual([])
    const { words } = await retrieveWithWords(tenant.as(tenant.member), { query: 'quokkas', limit: 1 })
    expect(words).toEqual([{ word: 'quokkas', passages: 0, forms: [] }])
  })
  test('filters narrow what is found', async () => {
    const [first] = await search('water', { collectionIds: [open] })
    const only = await search('water', { documentIds: [first!.documentId] })
    expect(new Set(only.map((hit) => hit.documentId))).toEqual(new Set([first!.documentId]))
    expect(await search('water', { collectionIds: [] })).toEqual([])
  })
})

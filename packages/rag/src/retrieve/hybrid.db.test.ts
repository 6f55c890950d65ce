import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CollectionId } from '@quarry/contracts'
import { ensureEmbeddingIndex } from '@quarry/db'
import { createCollection, createTenant, createTestDatabase, grantCollection } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { embedVersion } from '../embed/embed-version.ts'
import type { EmbeddingModel } from '../embed/embedding-model.ts'
import { createQueryEmbedder, type QueryEmbedder } from '../embed/query-embedder.ts'
import { createEndpointModel } from '../embed/remote/endpoint-model.ts'
import { startEmbeddingsServer, type EmbeddingsServer } from '../embed/testing/embeddings-server.ts'
import { filtersOf } from './filters.ts'
import type { NearMethod } from './near-method.ts'
import { analyseQuery } from './query-terms.ts'
import { rankHybrid } from './rank-hybrid.ts'
import { retrieve } from './retrieve.ts'
import { ingestFile } from './testing/ingest-files.ts'

/** The model sees these words in any text, whatever stands around them: “seaherring” has a herring in it. */
const WORDS = ['herring', 'copper', 'lantern']

let database: TestDatabase
let server: EmbeddingsServer
let model: EmbeddingModel
let embedder: QueryEmbedder
let tenant: TestTenant
let open: CollectionId
let folder: string
const { signal } = new AbortController()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-hybrid-'))
  database = await createTestDatabase()
  server = await startEmbeddingsServer(WORDS)
  model = createEndpointModel(server.adapter)
  embedder = createQueryEmbedder({ ...model, queryTimeoutMs: 20_000 }, (error) => {
    throw error
  })
  tenant = await createTenant(database)
  open = await createCollection(tenant)
  await add(open, 'fish.md', 'Theseaherringswims in the northern sea, and everybody knows it.')
  await add(open, 'metal.md', 'Thecopperroof of the town hall was made in the year of the flood.')
  await add(open, 'light.md', 'Thelanternkeeper walks around the tower at nine in the evening.')
}, 60_000)
afterAll(async () => {
  await server.close()
  await database.close()
  await rm(folder, { recursive: true })
})

interface Options {
  readonly owner?: TestTenant
  readonly embed?: boolean
}
async function add(
  collectionId: CollectionId,
  name: string,
  text: string,
  { owner = tenant, embed = true }: Options = {},
) {
  const path = join(folder, name)
  await writeFile(path, text)
  const made = await ingestFile(owner.as(owner.system), collectionId, path, name)
  if (embed) await embedVersion({ model }, owner.as(owner.system), made.versionId, signal)
  return made
}
const search = (query: string, more: object = {}, actor = tenant.member) =>
  retrieve(tenant.as(actor), { query, limit: 10, collectionIds: [open], ...more }, { embedder })
const names = (hits: readonly { readonly document: string }[]) => hits.map(({ document }) => document)

describe('a hybrid search', () => {
  test('finds by meaning what has none of the words, and by words alone on request', async () => {
    expect(names(await search('herring'))[0]).toBe('fish.md')
    expect(await search('herring', { mode: 'lexical' })).toEqual([])
  })

  test('ranks by both: what has the word and the meaning comes before what has one of them', async () => {
    const own = await createCollection(tenant)
    await add(own, 'both.md', 'A copper kettle stands on the stove of the harbour master.')
    await add(own, 'meaning.md', 'Thecopperroof stands over the market of the harbour town.')
    await add(own, 'neither.md', 'The harbour master walks around the tower in the evening.')
    const found = await search('copper stove', { collectionIds: [own] })
    expect(names(found).slice(0, 2)).toEqual(['both.md', 'meaning.md'])
    expect(found[0]?.score).toBeGreaterThan(found[1]?.score ?? 1)
  })

  test('ranks a document that is not embedded yet by its words, among those that are', async () => {
    const own = await createCollection(tenant)
    const text = 'The copper of the harbour is counted every year by the master.'
    await add(own, 'embedded.md', text)
    await add(own, 'waiting.md', text, { embed: false })
    await add(own, 'other.md', 'The harbour is closed at night, and the master sleeps.')
    const found = await search('copper harbour', { collectionIds: [own] })
    expect(names(found).slice(0, 2).toSorted()).toEqual(['embedded.md', 'waiting.md'])
    expect(found[0]?.score).toBeCloseTo(found[1]?.score ?? 0)
  })

  test('names each document once on request', async () => {
    const own = await createCollection(tenant)
    const part = (i: number) => `## Part ${i}\n\n${'The copper of the harbour is counted by the master. '.repeat(20)}`
    await add(own, 'long.md', [1, 2, 3, 4].map(part).join('\n\n'))
    const filter = { query: 'copper', limit: 10, collectionIds: [own] }
    expect((await retrieve(tenant.as(tenant.member), filter, { embedder })).length).toBeGreaterThan(1)
    expect(await retrieve(tenant.as(tenant.member), filter, { embedder, perDocument: true })).toHaveLength(1)
  })

  test('goes by words when the model does not answer', async () => {
    const deaf = createQueryEmbedder({ ...model, queryTimeoutMs: 5_000 }, () => undefined)
    server.next.push({ kind: 'status', status: 401 })
    const found = await retrieve(tenant.as(tenant.member), { query: 'northern', limit: 5 }, { embedder: deaf })
    expect(names(found)).toContain('fish.md')
  })
})

describe('visibility', () => {
  test("a restricted collection's vectors are seen by those who may see it, and move nobody else's scores", async () => {
    const before = await search('herring', { collectionIds: null })
    const restricted = await createCollection(tenant, { visibility: 'restricted' })
    await add(restricted, 'secret.md', 'Thesecretherringherring lies under the third plank of the pier.')
    expect(await search('herring', { collectionIds: null })).toEqual(before)
    expect(await search('herring', { collectionIds: [restricted] })).toEqual([])
    await grantCollection(tenant, restricted, tenant.viewer)
    expect(names(await search('herring', { collectionIds: [restricted] }, tenant.viewer))).toEqual(['secret.md'])
  })

  test("another organisation's vectors neither show nor rank", async () => {
    const before = await search('lantern')
    const stranger = await createTenant(database)
    const theirs = await createCollection(stranger)
    for (let i = 0; i < 3; i++)
      await add(theirs, `lantern-${i}.md`, `Alanternlantern number ${i} hangs in the hall.`, { owner: stranger })
    expect(await search('lantern')).toEqual(before)
    expect(await search('lantern', { collectionIds: [theirs] })).toEqual([])
    expect(
      names(await retrieve(stranger.as(stranger.member), { query: 'lantern', limit: 9 }, { embedder })),
    ).toHaveLength(3)
  })

  test('a version that is not live is not found by its vectors', async () => {
    const own = await createCollection(tenant)
    const { documentId } = await add(own, 'draft.md', 'Thedraftherring is not published.')
    expect(await search('herring', { collectionIds: [own] })).toHaveLength(1)
    await database.owner`update document set live_version_id = null where id = ${documentId}`
    expect(await search('herring', { collectionIds: [own] })).toEqual([])
  })
})

describe('filters', () => {
  test('by type, language and day narrow both searches', async () => {
    const own = await createCollection(tenant)
    const german = 'Der Hafenmeister hat die Abgabe auf Kupfer (copper) für die Boote nach neunzig Bitten abgeschafft.'
    await add(own, 'note.txt', 'The copper of the harbour is counted every year.')
    await add(own, 'bericht.md', german)
    const { versionId } = await add(own, 'old.md', 'Thecopperroof was made long ago, and nobody knows by whom.')
    await database.owner`update document_version set created_at = '2020-05-05T12:00:00Z' where id = ${versionId}`
    const found = async (more: object) => {
      const filter = { collectionIds: [own], ...more }
      const lexical = names(await search('copper', { ...filter, mode: 'lexical' })).toSorted()
      return [names(await search('copper', filter)).toSorted(), lexical]
    }
    expect(await found({})).toEqual([
      ['bericht.md', 'note.txt', 'old.md'],
      ['bericht.md', 'note.txt'],
    ])
    expect(await found({ mediaTypes: ['text/plain'] })).toEqual([['note.txt'], ['note.txt']])
    expect(await found({ languages: ['german'] })).toEqual([['bericht.md'], ['bericht.md']])
    expect(await found({ addedBefore: '2020-05-05T12:00:00.001Z' })).toEqual([['old.md'], []])
    expect(await found({ addedFrom: '2020-05-05T12:00:00.001Z', mediaTypes: ['text/markdown'] })).toEqual([
      ['bericht.md'],
      ['bericht.md'],
    ])
    expect(await found({ addedFrom: '2020-05-05T12:00:00Z', addedBefore: '2020-05-05T12:00:00Z' })).toEqual([[], []])
    expect(await found({ mediaTypes: [] })).toEqual([[], []])
  })
})

describe('in a large collection', () => {
  const NONE: NearMethod = { kind: 'none' }
  const ranked = async (query: string, method: NearMethod) => {
    const vector = await embedder.vectorOf(tenant.orgId, query)
    if (vector === null) throw new Error('a vector was expected')
    const filters = filtersOf({ query, limit: 10, collectionIds: [open] })
    return tenant.as(tenant.member).tx(async (tx) => {
      const analysed = await analyseQuery(tx, tenant.orgId, query, filters.collectionIds, vector.model)
      return (await rankHybrid(tx, tenant.orgId, analysed, vector, filters, 10, false, { method, orExact: false }))
        .passages
    })
  }

  test('without an index, meaning reorders what the words found', async () => {
    expect(await ranked('herring', NONE)).toEqual([])
    expect(await ranked('northern herring', NONE)).toHaveLength(1)
  })

  test("the model's index finds the same as comparing all, also through what others crowd it with", async () => {
    const { id, dimension } = await model.identity({ signal })
    const crowd = await createTenant(database)
    const theirs = await createCollection(crowd)
    const text = Array.from({ length: 400 }, (_, i) => `## ${i}\n\n${`The herring number ${i} swims. `.repeat(45)}`)
    await add(theirs, 'crowd.md', text.join('\n\n'), { owner: crowd })
    await ensureEmbeddingIndex(database.adapter, id, dimension)
    await ensureEmbeddingIndex(database.adapter, id, dimension)
    const found = await ranked('herring', { kind: 'index', mostLookedAt: 20_000 })
    const exact = await search('herring')
    expect(found.map(({ versionId, score }) => [versionId, score])).toEqual(
      exact.map(({ versionId, score }) => [versionId, score]),
    )
    expect(found.length).toBeGreaterThan(0)
  }, 60_000)
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { processVersion, type IngestDeps } from './process-version.ts'
import { afterEachTx, handbook, openIngestion, type Ingestion, type IngestionTenant } from './testing/ingestion.ts'

let ingestion: Ingestion
let t: IngestionTenant
let deps: IngestDeps
beforeAll(async () => {
  ingestion = await openIngestion()
  deps = ingestion.deps
})
afterAll(() => ingestion.close())
beforeEach(async () => {
  t = await ingestion.newTenant()
})
const never = new AbortController().signal

describe('a calm run', () => {
  test('makes a version searchable: pages, chunks, postings, statistics, live', async () => {
    const { documentId, versionId } = await t.upload(handbook('lantern'))
    expect(await processVersion(deps, t.tenantDb, versionId, never)).toBe('searchable')
    expect(await t.versionRow(versionId)).toMatchObject({
      state: 'searchable',
      stage: null,
      progress: 100,
      attempt: 1,
      error_code: null,
      language: 'english',
      page_count: null,
    })
    expect(await t.liveVersion(documentId)).toBe(versionId)
    const { pages, chunks, postings } = await t.rowsOf(versionId)
    expect(pages.length).toBeGreaterThan(2)
    expect(chunks.length).toBeGreaterThan(10)
    expect(await t.stats()).toEqual(await t.countedStats())
    expect(await t.indexVersion()).toBe(1)
    // Term frequencies add up to the chunk's length, which each posting repeats.
    for (const chunk of chunks) {
      const own = postings.filter((posting) => posting['ordinal'] === chunk['ordinal'])
      expect(own.reduce((sum, posting) => sum + Number(posting['tf']), 0)).toBe(chunk['token_count'])
      expect(own.every((posting) => posting['length'] === chunk['token_count'])).toBe(true)
      // Stemmed, and with the document's name; a title that is in the chunk is not counted twice.
      expect(own.find((posting) => posting['lexeme'] === 'lantern')?.['tf']).toBeGreaterThan(10)
      expect(own.find((posting) => posting['lexeme'] === 'handbook')?.['tf']).toBe(1)
      expect(own.find((posting) => posting['lexeme'] === 'chapter')?.['tf']).toBeLessThanOrEqual(3)
    }
  })

  test('indexes Chinese by characters and bigrams', async () => {
    const { versionId } = await t.upload(`# 港务\n\n${'港务长废除了鲱鱼船的铜税。'.repeat(10)}`)
    await processVersion(deps, t.tenantDb, versionId, never)
    const lexemes = (await t.rowsOf(versionId)).postings.map((posting) => posting['lexeme'])
    expect(lexemes).toEqual(expect.arrayContaining(['铜', '铜税', '税']))
    expect(await t.versionRow(versionId)).toMatchObject({ language: 'chinese' })
  })

  test('does nothing to a version that has ended', async () => {
    const { versionId } = await t.upload(handbook('lantern', 3))
    await processVersion(deps, t.tenantDb, versionId, never)
    const before = await t.rowsOf(versionId)
    expect(await processVersion(deps, t.tenantDb, versionId, never)).toBe('ended')
    expect(await t.versionRow(versionId)).toMatchObject({ attempt: 1 })
    expect(await t.rowsOf(versionId)).toEqual(before)
  })

  test('tells readers of the document', async () => {
    const { documentId, versionId } = await t.upload(handbook('lantern', 3))
    await processVersion(deps, t.tenantDb, versionId, never)
    const signals = await ingestion.db.owner`select topic from signal where subject_id = ${documentId}`
    expect(signals.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a new version', () => {
  test('is invisible until it is complete, then replaces the old one as a whole', async () => {
    const old = await t.upload(handbook('lantern'))
    await processVersion(deps, t.tenantDb, old.versionId, never)
    const before = await t.stats()
    const next = await t.upload(handbook('compass', 45), { documentId: old.documentId })

    let looked = 0
    const seen: unknown[] = []
    const watching = afterEachTx(t.tenantDb, async () => {
      const state = (await t.versionRow(next.versionId))?.['state']
      if (state === 'parsing') {
        looked++
        seen.push([await t.liveVersion(old.documentId), await t.indexVersion(), await t.stats()])
      }
    })
    await processVersion(deps, watching, next.versionId, never)
    expect(looked).toBeGreaterThan(3)
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify([old.versionId, 1, before])]),
    )
    expect(await t.liveVersion(old.documentId)).toBe(next.versionId)
    expect(await t.stats()).toEqual(await t.countedStats())
    expect(await t.indexVersion()).toBe(2)
    // The old one's pages stay, for citations; what search reads is gone.
    const left = await t.rowsOf(old.versionId)
    expect(left.chunks).toHaveLength(0)
    expect(left.postings).toHaveLength(0)
    expect(left.pages.length).toBeGreaterThan(0)
  })

  test('wins over an older one that ends later', async () => {
    const old = await t.upload(handbook('lantern'))
    const next = await t.upload(handbook('compass'), { documentId: old.documentId })
    await processVersion(deps, t.tenantDb, next.versionId, never)
    await processVersion(deps, t.tenantDb, old.versionId, never)
    expect(await t.liveVersion(old.documentId)).toBe(next.versionId)
    expect(await t.versionRow(old.versionId)).toMatchObject({ state: 'searchable' })
    expect((await t.rowsOf(old.versionId)).postings).toHaveLength(0)
    expect(await t.stats()).toEqual(await t.countedStats())
  })

  test('and the old one, processed at the same time, end in the same place', async () => {
    const old = await t.upload(handbook('lantern'))
    const next = await t.upload(handbook('compass'), { documentId: old.documentId })
    await Promise.all([old, next].map(({ versionId }) => processVersion(deps, t.tenantDb, versionId, never)))
    expect(await t.liveVersion(old.documentId)).toBe(next.versionId)
    expect((await t.rowsOf(old.versionId)).chunks).toHaveLength(0)
    expect(await t.stats()).toEqual(await t.countedStats())
  })
})

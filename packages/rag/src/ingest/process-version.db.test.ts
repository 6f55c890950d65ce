import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CollectionId, DocumentId, MediaType, VersionId } from '@quarry/contracts'
import { newId, schema, type TenantDb } from '@quarry/db'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createParserPool, type ParserPool } from '../parse/pool.ts'
import { claimVersion } from './claim.ts'
import { abandonProcessing, processVersion, type IngestDeps } from './process-version.ts'

const { document, documentVersion } = schema
const never = new AbortController().signal

let db: TestDatabase
let tenant: TestTenant
let parser: ParserPool
let folder: string
let deps: IngestDeps
let tenantDb: TenantDb
let collectionId: CollectionId

beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-ingest-'))
  parser = createParserPool({ limits: { memoryMb: 512, timeoutMs: 30_000 }, processes: 2 })
})
afterAll(async () => {
  await parser.close()
  await db.close()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  tenant = await createTenant(db)
  tenantDb = tenant.as(tenant.system)
  collectionId = await createCollection(tenant)
  deps = {
    parser,
    logger: createLogger({ name: 'test', level: 'silent' }),
    blobs: {
      localFile: (key) =>
        Promise.resolve(
          key.startsWith('gone') ? null : { path: path.join(folder, key), release: () => Promise.resolve() },
        ),
    },
  }
})

const handbook = (word: string, sections = 30) =>
  Array.from(
    { length: sections },
    (_, i) =>
      `## Chapter ${i}\n\n${`The ${word} of section ${i} repairs ${word}s, and counts to ${i * 7}. `.repeat(12)}\n`,
  ).join('\n')

/** A version that waits for the worker, with these bytes; a new document unless one is given. */
async function upload(
  content: string | Uint8Array,
  options: { mediaType?: MediaType; documentId?: DocumentId; blobKey?: string; sourcePath?: string } = {},
) {
  const versionId = newId() as VersionId
  const documentId = options.documentId ?? (newId() as DocumentId)
  const blobKey = options.blobKey ?? versionId
  await writeFile(path.join(folder, versionId), content)
  await tenantDb.tx(async (tx) => {
    const { orgId } = tenant
    if (options.documentId === undefined)
      await tx.insert(document).values({
        orgId,
        id: documentId,
        collectionId,
        sourcePath: options.sourcePath ?? `docs/Staff_handbook-${documentId}.md`,
        title: 'Handbook',
      })
    await tx.insert(documentVersion).values({
      orgId,
      id: versionId,
      documentId,
      collectionId,
      state: 'uploaded',
      stage: 'waiting',
      blobKey,
      sizeBytes: content.length,
      mediaType: options.mediaType ?? 'text/markdown',
    })
    await tx
      .update(document)
      .set({ latestVersionId: versionId })
      .where(and(eq(document.orgId, orgId), eq(document.id, documentId)))
  })
  return { documentId, versionId }
}

const versionRow = async (versionId: VersionId) => {
  const [row] = await db.owner<
    Record<string, unknown>[]
  >`select state, stage, progress, attempt, error_code, error_text, language, chunk_count, section_count, page_count from document_version where id = ${versionId}`
  return row
}
const liveVersion = async (documentId: DocumentId) =>
  (await db.owner<{ live: string | null }[]>`select live_version_id as live from document where id = ${documentId}`)[0]
    ?.live
const indexVersion = async () =>
  Number((await db.owner<{ v: string }[]>`select index_version as v from collection where id = ${collectionId}`)[0]?.v)
const stats = () =>
  db.owner<
    { language: string; chunks: number; length: number }[]
  >`select language, chunks, length::int from collection_stat where collection_id = ${collectionId} and chunks <> 0 order by language`
/** What collection_stat must say: counted from the chunks of live versions. */
const countedStats = () => db.owner`
  select c.language, count(*)::int as chunks, sum(c.token_count)::int as length
  from chunk c join document d on d.live_version_id = c.version_id where c.collection_id = ${collectionId} group by 1 order by 1`
/** Everything that was written for a version, without ids. */
const rowsOf = async (versionId: VersionId) => ({
  pages:
    await db.owner`select ordinal, text, width, height, boxes from document_page where version_id = ${versionId} order by 1`,
  chunks:
    await db.owner`select ordinal, heading_path, page_from, page_to, span_start, span_end, token_count, language from chunk where version_id = ${versionId} order by 1`,
  postings:
    await db.owner`select lexeme, ordinal, tf, length from posting where version_id = ${versionId} order by lexeme collate "C", ordinal`,
})

describe('a calm run', () => {
  test('makes a version searchable: pages, chunks, postings, statistics, live', async () => {
    const { documentId, versionId } = await upload(handbook('lantern'))
    expect(await processVersion(deps, tenantDb, versionId, never)).toBe('searchable')
    expect(await versionRow(versionId)).toMatchObject({
      state: 'searchable',
      stage: null,
      progress: 100,
      attempt: 1,
      error_code: null,
      language: 'english',
      page_count: null,
    })
    expect(await liveVersion(documentId)).toBe(versionId)
    const { pages, chunks, postings } = await rowsOf(versionId)
    expect(pages.length).toBeGreaterThan(2)
    expect(chunks.length).toBeGreaterThan(10)
    expect(await stats()).toEqual([...(await countedStats())])
    expect(await indexVersion()).toBe(1)
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
    const { versionId } = await upload(`# 港务\n\n${'港务长废除了鲱鱼船的铜税。'.repeat(10)}`)
    await processVersion(deps, tenantDb, versionId, never)
    const lexemes = (await rowsOf(versionId)).postings.map((posting) => posting['lexeme'])
    expect(lexemes).toEqual(expect.arrayContaining(['铜', '铜税', '税']))
    expect(await versionRow(versionId)).toMatchObject({ language: 'chinese' })
  })

  test('does nothing to a version that has ended', async () => {
    const { versionId } = await upload(handbook('lantern', 3))
    await processVersion(deps, tenantDb, versionId, never)
    const before = await rowsOf(versionId)
    expect(await processVersion(deps, tenantDb, versionId, never)).toBe('ended')
    expect(await versionRow(versionId)).toMatchObject({ attempt: 1 })
    expect(await rowsOf(versionId)).toEqual(before)
  })

  test('tells readers of the document', async () => {
    const { documentId, versionId } = await upload(handbook('lantern', 3))
    await processVersion(deps, tenantDb, versionId, never)
    const signals = await db.owner`select topic from signal where subject_id = ${documentId}`
    expect(signals.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a new version', () => {
  test('is invisible until it is complete, then replaces the old one as a whole', async () => {
    const old = await upload(handbook('lantern'))
    await processVersion(deps, tenantDb, old.versionId, never)
    const before = [...(await stats())]
    const next = await upload(handbook('compass', 45), { documentId: old.documentId })

    let looked = 0
    const seen: unknown[] = []
    const watching: TenantDb = {
      actor: tenantDb.actor,
      tx: async (fn, options) => {
        const result = await tenantDb.tx(fn, options)
        const state = (await versionRow(next.versionId))?.['state']
        if (state === 'parsing') {
          looked++
          seen.push([await liveVersion(old.documentId), await indexVersion(), [...(await stats())]])
        }
        return result
      },
    }
    await processVersion(deps, watching, next.versionId, never)
    expect(looked).toBeGreaterThan(3)
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify([old.versionId, 1, before])]),
    )
    expect(await liveVersion(old.documentId)).toBe(next.versionId)
    expect(await stats()).toEqual([...(await countedStats())])
    expect(await indexVersion()).toBe(2)
    // The old one's pages stay, for citations; what search reads is gone.
    const left = await rowsOf(old.versionId)
    expect(left.chunks).toHaveLength(0)
    expect(left.postings).toHaveLength(0)
    expect(left.pages.length).toBeGreaterThan(0)
  })

  test('wins over an older one that ends later', async () => {
    const old = await upload(handbook('lantern'))
    const next = await upload(handbook('compass'), { documentId: old.documentId })
    await processVersion(deps, tenantDb, next.versionId, never)
    await processVersion(deps, tenantDb, old.versionId, never)
    expect(await liveVersion(old.documentId)).toBe(next.versionId)
    expect(await versionRow(old.versionId)).toMatchObject({ state: 'searchable' })
    expect((await rowsOf(old.versionId)).postings).toHaveLength(0)
    expect(await stats()).toEqual([...(await countedStats())])
  })

  test('and the old one, processed at the same time, end in the same place', async () => {
    const old = await upload(handbook('lantern'))
    const next = await upload(handbook('compass'), { documentId: old.documentId })
    await Promise.all([old, next].map(({ versionId }) => processVersion(deps, tenantDb, versionId, never)))
    expect(await liveVersion(old.documentId)).toBe(next.versionId)
    expect((await rowsOf(old.versionId)).chunks).toHaveLength(0)
    expect(await stats()).toEqual([...(await countedStats())])
  })
})

describe('interrupted', () => {
  class Killed extends Error {}

  /** A process that dies before its `after`-th transaction, or between it and the next. */
  const mortal = (after: number): TenantDb & { count: () => number } => {
    let count = 0
    return {
      actor: tenantDb.actor,
      count: () => count,
      tx: (fn, options) => {
        if (++count > after) return Promise.reject(new Killed())
        return tenantDb.tx(fn, options)
      },
    }
  }

  test('at every transaction, and run again: the same rows as a calm run', async () => {
    const text = handbook('lantern', 40)
    const calm = await upload(text, { sourcePath: 'Handbook.md' })
    const whole = mortal(Number.POSITIVE_INFINITY)
    await processVersion(deps, whole, calm.versionId, never)
    const wanted = await rowsOf(calm.versionId)
    const wantedStats = [...(await stats())]
    expect(whole.count()).toBeGreaterThan(5)
    for (let after = 0; after < whole.count(); after++) {
      await db.owner`delete from document where collection_id = ${collectionId}`
      await db.owner`delete from collection_stat where collection_id = ${collectionId}`
      const version = await upload(text, { sourcePath: 'Handbook.md' })
      await expect(processVersion(deps, mortal(after), version.versionId, never)).rejects.toThrow(Killed)
      await processVersion(deps, tenantDb, version.versionId, never)
      expect(await rowsOf(version.versionId)).toEqual(wanted)
      expect([...(await stats())]).toEqual(wantedStats)
      expect(await liveVersion(version.documentId)).toBe(version.versionId)
    }
  })

  test('by the signal: stops, and leaves the version to the next attempt', async () => {
    const { versionId } = await upload(handbook('lantern', 400))
    const stop = new AbortController()
    const stopping: TenantDb = {
      actor: tenantDb.actor,
      tx: async (fn, options) => {
        const result = await tenantDb.tx(fn, options)
        if ((await versionRow(versionId))?.['stage'] === 'indexing') stop.abort(new Error('shutdown'))
        return result
      },
    }
    await expect(processVersion(deps, stopping, versionId, stop.signal)).rejects.toThrow('shutdown')
    expect(await versionRow(versionId)).toMatchObject({ state: 'parsing' })
    expect(await processVersion(deps, tenantDb, versionId, never)).toBe('searchable')
  })

  test('and claimed by another worker that is no further: only the newest claim writes', async () => {
    const { versionId } = await upload(handbook('lantern', 60))
    let taken = false
    const slow: TenantDb = {
      actor: tenantDb.actor,
      tx: async (fn, options) => {
        const result = await tenantDb.tx(fn, options)
        if (!taken && (await versionRow(versionId))?.['stage'] === 'indexing') {
          taken = true
          await claimVersion(tenantDb, versionId)
        }
        return result
      },
    }
    await expect(processVersion(deps, slow, versionId, never)).rejects.toMatchObject({ code: 'conflict' })
    expect(await versionRow(versionId)).toMatchObject({ state: 'parsing', attempt: 2 })
  })

  test('and taken up by another worker: the first one can write nothing any more', async () => {
    const { versionId } = await upload(handbook('lantern', 60))
    let taken = false
    const slow: TenantDb = {
      actor: tenantDb.actor,
      tx: async (fn, options) => {
        const result = await tenantDb.tx(fn, options)
        if (!taken && (await versionRow(versionId))?.['stage'] === 'indexing') {
          taken = true
          await processVersion(deps, tenantDb, versionId, never)
        }
        return result
      },
    }
    await expect(processVersion(deps, slow, versionId, never)).rejects.toMatchObject({ code: 'conflict' })
    expect(taken).toBe(true)
    expect(await versionRow(versionId)).toMatchObject({ state: 'searchable', attempt: 2 })
    expect(await stats()).toEqual([...(await countedStats())])
  })
})

describe('a file that cannot be read', () => {
  test.each([
    ['empty', '', 'text/plain' as const],
    ['not_text', Buffer.from([0xff, 0x00, 0x41]), 'text/plain' as const],
    ['damaged', 'no pdf', 'application/pdf' as const],
  ])('fails as %s, in words', async (code, content, mediaType) => {
    const { versionId, documentId } = await upload(content, { mediaType })
    expect(await processVersion(deps, tenantDb, versionId, never)).toBe('failed')
    expect(await versionRow(versionId)).toMatchObject({
      state: 'failed',
      error_code: code,
      error_text: expect.stringMatching(/^The file/),
    })
    expect(await liveVersion(documentId)).toBeNull()
  })

  test('whose bytes are gone says so', async () => {
    const { versionId } = await upload('text', { blobKey: `gone-${newId()}` })
    expect(await processVersion(deps, tenantDb, versionId, never)).toBe('failed')
    expect(await versionRow(versionId)).toMatchObject({ error_code: 'blob_missing' })
  })

  test('leaves the version before it in place, and none of its own rows', async () => {
    const old = await upload(handbook('lantern'))
    await processVersion(deps, tenantDb, old.versionId, never)
    const before = await rowsOf(old.versionId)
    const next = await upload('no pdf', { documentId: old.documentId, mediaType: 'application/pdf' })
    await processVersion(deps, tenantDb, next.versionId, never)
    expect(await liveVersion(old.documentId)).toBe(old.versionId)
    expect(await rowsOf(old.versionId)).toEqual(before)
    expect((await rowsOf(next.versionId)).pages).toHaveLength(0)
  })

  test('that breaks the parser is tried once more, then it has failed', async () => {
    const hostile = createParserPool({
      limits: { memoryMb: 200, timeoutMs: 20_000 },
      processes: 1,
      module: new URL('../parse/testing/hostile-child.ts', import.meta.url),
    })
    const as = (name: string): IngestDeps => ({
      ...deps,
      parser: hostile,
      blobs: { localFile: () => Promise.resolve({ path: name, release: () => Promise.resolve() }) },
    })
    const crashing = await upload('x')
    await expect(processVersion(as('crash'), tenantDb, crashing.versionId, never)).rejects.toMatchObject({
      code: 'crashed',
    })
    expect(await versionRow(crashing.versionId)).toMatchObject({ state: 'parsing' })
    expect(await processVersion(as('crash'), tenantDb, crashing.versionId, never)).toBe('failed')
    expect(await versionRow(crashing.versionId)).toMatchObject({ error_code: 'crashed' })
    const greedy = await upload('x')
    expect(await processVersion(as('greedy'), tenantDb, greedy.versionId, never)).toBe('failed')
    expect(await versionRow(greedy.versionId)).toMatchObject({ error_code: 'too_much_memory', attempt: 1 })
    await hostile.close()
  })

  test('a version that is gone is final', async () => {
    await expect(processVersion(deps, tenantDb, newId() as VersionId, never)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('given up after its last attempt, it has failed, and whoever still works on it is fenced off', async () => {
    const { versionId } = await upload(handbook('lantern', 60))
    let abandoned = false
    const slow: TenantDb = {
      actor: tenantDb.actor,
      tx: async (fn, options) => {
        const result = await tenantDb.tx(fn, options)
        if (!abandoned && (await versionRow(versionId))?.['stage'] === 'indexing') {
          abandoned = true
          await abandonProcessing(tenantDb, versionId, never)
        }
        return result
      },
    }
    await expect(processVersion(deps, slow, versionId, never)).rejects.toMatchObject({ code: 'conflict' })
    expect(await versionRow(versionId)).toMatchObject({ state: 'failed', error_code: 'crashed' })
    expect((await rowsOf(versionId)).postings).toHaveLength(0)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEmbeddedTestDatabase, createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { retrieve } from '@quarry/rag'
import { seedDatabase, type SeedReport } from './index.ts'

const NUMBERS = { organisations: 3, documents: 12, chunks: 300, seed: 7, password: 'a password of eight' }

let database: TestDatabase
let report: SeedReport
beforeAll(async () => {
  database = await createTestDatabase()
  report = await seedDatabase(database.adapter, NUMBERS)
}, 120_000)
afterAll(() => database.close())

/** Everything that a search reads, without what is different in each run. */
const fingerprint = (owner: TestDatabase['owner']) => owner<{ table: string; rows: number; sum: string }[]>`
  select 'posting' as table, count(*)::int as rows, md5(string_agg(p::text, '' order by p::text)) as sum from posting p
  union all select 'chunk', count(*)::int, md5(string_agg(c::text, '' order by c::text)) from chunk c
  union all select 'page', count(*)::int, md5(string_agg(d.text, '' order by d.text)) from document_page d
  union all select 'vector', count(*)::int, md5(string_agg(e::text, '' order by e::text)) from chunk_embedding e
  union all select 'member', count(*)::int, md5(string_agg(m::text, '' order by m::text)) from auth.member m
  union all select 'citation', count(*)::int, md5(string_agg(c::text, '' order by c::text)) from citation c`

describe('a seeded database', () => {
  test('has what was asked for', async () => {
    expect([report.organisations.length, report.documents, report.chunks]).toEqual([3, 12, 300])
    const [row] = await database.owner<{ chunks: number; windows: number; live: number; counted: number }[]>`
      select (select count(*)::int from chunk) as chunks, (select count(*)::int from chunk_embedding) as windows,
        (select count(*)::int from document where live_version_id is not null) as live,
        (select sum(chunks)::int from collection_stat) as counted`
    expect(row).toEqual({ chunks: 300, windows: 300, live: 12, counted: 300 })
  })

  test('is the same every time', async () => {
    const again = await createTestDatabase()
    try {
      await seedDatabase(again.adapter, NUMBERS)
      expect(await fingerprint(again.owner)).toEqual(await fingerprint(database.owner))
    } finally {
      await again.close()
    }
  }, 120_000)

  test('counts its postings as ingestion does, and cites what stands there', async () => {
    const wrong = await database.owner`
      select c.version_id from chunk c left join (
        select version_id, ordinal, sum(tf) as tf, max(length) as length from posting group by 1, 2) p using (version_id, ordinal)
      where p.tf is distinct from c.token_count or p.length is distinct from c.token_count`
    expect(wrong).toHaveLength(0)
    const citations = await database.owner<{ text: string; start: number; end: number; quote: string }[]>`
      select p.text, c.span_start as start, c.span_end as "end", c.quote from citation c
      join document_page p on p.org_id = c.org_id and p.version_id = c.version_id and p.ordinal = c.ordinal`
    expect(citations.length).toBeGreaterThan(0)
    for (const { text, start, end, quote } of citations) expect(text.slice(start, end)).toBe(quote)
  })

  test('is searched by each of its people within what they may see', async () => {
    for (const { orgId, people, collections } of report.organisations) {
      const restricted = collections.find((one) => one.restricted)?.id
      for (const { userId, role } of people.slice(0, 4)) {
        const tenantDb = database.database.tenant({ kind: 'user', id: userId, orgId, role })
        const hits = await retrieve(tenantDb, { query: 'report inspected approval Bericht', limit: 50 })
        expect(hits.length).toBeGreaterThan(0)
        const seesAll = role === 'owner' || role === 'admin'
        if (!seesAll && people.findIndex((one) => one.userId === userId) % 3 !== 2)
          expect(hits.some((hit) => hit.collectionId === restricted)).toBe(false)
      }
    }
  })

  test('is not filled twice unawares', async () => {
    await expect(seedDatabase(database.adapter, NUMBERS)).rejects.toThrow('--add')
    const { organisations } = await seedDatabase(database.adapter, {
      ...{ organisations: 1, documents: 1, chunks: 5, seed: 8, add: true },
    })
    expect(organisations[0]?.chunks).toBe(5)
  })
})

test('the embedded database is filled as well', async () => {
  const embedded = await createEmbeddedTestDatabase()
  try {
    const { chunks } = await seedDatabase(embedded.adapter, { organisations: 2, documents: 3, chunks: 60, seed: 1 })
    expect(chunks).toBe(60)
  } finally {
    await embedded.close()
  }
}, 120_000)

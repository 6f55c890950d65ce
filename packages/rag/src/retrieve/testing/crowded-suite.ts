import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import type { QueryVector } from '../../embed/query-embedder.ts'
import { filtersOf } from '../filters.ts'
import type { NearMethod } from '../near-method.ts'
import { analyseQuery } from '../query-terms.ts'
import { rankHybrid } from '../rank-hybrid.ts'
import { retrieve } from '../retrieve.ts'
import { createCrowd, NO_WORDS, type Crowd } from './crowd.ts'

const LIMIT = 10
const input = { query: NO_WORDS, limit: LIMIT }
/** The index is asked once, and what it gives is taken: what a search without `iterative_scan` does. */
const ONCE: NearMethod = { kind: 'index', mostLookedAt: 1 }

/**
 * Tests of a small organisation's search by meaning while others hold `crowd` passages that are nearer to what it asks.
 * @param mostLookedAt passages that the index alone has to go on through to find the organisation's own; none for a crowd
 *   that it gives up in, which is after some ten thousand.
 */
export function testCrowdedSearch(crowd: number, { mostLookedAt }: { mostLookedAt: readonly number[] }): void {
  let database: TestDatabase
  let scene: Crowd
  const before: { found: string[]; ms: number }[] = []

  const timed = async (vector: QueryVector) => {
    const began = performance.now()
    const hits = await retrieve(scene.small.as(scene.small.member), input, {
      embedder: { vectorOf: () => Promise.resolve(vector) },
    })
    return { found: hits.map(({ versionId, span }) => `${versionId}:${span.start}`), ms: performance.now() - began }
  }
  const ranked = (vector: QueryVector, options: Parameters<typeof rankHybrid>[7], tenant = scene.small) =>
    tenant.as(tenant.member).tx(async (tx) => {
      const { orgId } = tenant
      // Else the planner itself would rather sort fifty vectors than use the index.
      if (options?.method?.kind === 'index') await tx.execute(sql`select set_config('enable_sort', 'off', true)`)
      const query = await analyseQuery(tx, orgId, NO_WORDS, null, vector.model)
      const { passages } = await rankHybrid(tx, orgId, query, vector, filtersOf(input), LIMIT, false, options)
      return passages.map(({ versionId, ordinal }) => `${versionId}:${ordinal}`)
    })
  /** Compared one by one, past every policy and every index. */
  const exactly = async ({ model, vector }: QueryVector) => {
    const rows = await database.owner<{ place: string }[]>`
        select version_id || ':' || ordinal as place from chunk_embedding
        where org_id = ${scene.small.orgId} and model = ${model}
        order by (embedding <=> ${JSON.stringify(vector)}::halfvec) + 0, version_id, ordinal limit ${LIMIT}`
    return rows.map(({ place }) => place)
  }

  beforeAll(async () => {
    database = await createTestDatabase()
    scene = await createCrowd(database)
    for (const vector of scene.questions) {
      await timed(vector)
      before.push(await timed(vector))
    }
    await scene.crowdIn(crowd)
  }, 600_000)
  afterAll(() => database.close())

  test('gets its ten of ten, the same as without the others', async () => {
    for (const [i, vector] of scene.questions.entries()) {
      const { found } = await timed(vector)
      expect(found).toHaveLength(LIMIT)
      expect(found).toEqual(before[i]?.found)
    }
  })

  test('gets what an exact comparison gives', async () => {
    for (const vector of scene.questions) expect(await ranked(vector, {})).toEqual(await exactly(vector))
  })

  test('control: an index that does not go on gives ten to a small organisation that nobody crowds', async () => {
    for (const vector of scene.questions)
      expect(await ranked(vector, { method: ONCE, orExact: false }, scene.alone)).toHaveLength(LIMIT)
  })

  test('mutation: an index that does not go on through the others’ gives hardly any', async () => {
    for (const vector of scene.questions)
      expect((await ranked(vector, { method: ONCE, orExact: false })).length).toBeLessThan(LIMIT / 2)
  })

  test('is compared one by one when the index gives too little', async () => {
    for (const vector of scene.questions) expect(await ranked(vector, { method: ONCE })).toEqual(await exactly(vector))
  })

  test.each(mostLookedAt)('gets nearly all of the index too, which goes on through %i', async (most) => {
    for (const vector of scene.questions) {
      const found = await ranked(vector, { method: { kind: 'index', mostLookedAt: most }, orExact: false })
      const exact = new Set(await exactly(vector))
      expect(found.filter((place) => exact.has(place)).length).toBeGreaterThanOrEqual(0.9 * LIMIT)
    }
  })

  test('waits no longer for it', async () => {
    const after: number[] = []
    for (let round = 0; round < 5; round++) for (const vector of scene.questions) after.push((await timed(vector)).ms)
    // Twice, and what a busy machine adds to a few milliseconds.
    expect(Math.min(...after)).toBeLessThan(2 * Math.min(...before.map(({ ms }) => ms)) + 20)
  })
}

import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { TenantTx } from '@quarry/db'
import type { QueryVector } from '../embed/query-embedder.ts'
import { vectorText } from '../embed/vector-text.ts'
import type { Filters } from './filters.ts'
import { bestOfEachDocument, fuse, type Candidate } from './fuse.ts'
import { EF_SEARCH, FROM_INDEX, nearMethod, type NearMethod } from './near-method.ts'
import { inCollections, type AnalysedQuery } from './query-terms.ts'
import type { Ranking } from './rank-passages.ts'
import { rowsOf } from './rows.ts'
import { FREQUENCIES, MOST_POSTINGS, perDocumentOrAll, scoredByWords, scoreOf } from './scored-by-words.ts'

/** Candidates of each search. Twice what can be asked for, so that the other search can lift what this one ranks low. */
const BY_WORDS = 200
const BY_MEANING = 100
/** Windows taken from all: a chunk of 200 to 380 words has about four of 60, and the nearest are rarely all of one. */
const FROM_ALL = 4 * BY_MEANING

export interface HybridOptions {
  /** In place of what costs least. */
  readonly method?: NearMethod
  /** false: what the index gives is taken as it is, too little or not. */
  readonly orExact?: boolean
  /** See MOST_POSTINGS. */
  readonly mostPostings?: number
}

/**
 * The best `limit` chunks by words and meaning together, as `rankPassages` otherwise. The vectors are compared one by
 * one where the organisation is small, found by the model's index where it is large, and where there is none only those
 * of the best passages by words are looked at.
 */
export async function rankHybrid(
  tx: TenantTx,
  orgId: string,
  query: AnalysedQuery,
  vector: QueryVector,
  filters: Filters,
  limit: number,
  perDocument: boolean,
  options: HybridOptions = {},
): Promise<Ranking> {
  if (query.chunks === 0) return { passages: [], frequencies: new Map() }
  const method = options.method ?? nearMethod(query.chunks, vector.vector.length, query.vectorIndex)
  const most = options.mostPostings ?? MOST_POSTINGS
  const near: Near = { orgId, model: vector.model, text: vectorText(vector.vector), dimension: vector.vector.length }
  if (method.kind === 'index') await searchThroughIndex(tx, method.mostLookedAt)
  const [row] = await rowsOf<{
    candidates: Candidate[] | null
    frequencies: Record<string, number> | null
    windows: number
  }>(
    tx,
    sql`with ${scoredByWords(orgId, query, filters, most)},
      near as materialized (${NEAR[method.kind](near, filters, perDocument)}),
      c as materialized (
        select version_id, ordinal, max(score) as score, max(cosine) as cosine from (
          (select version_id, ordinal, score, null::float8 as cosine
            from ${perDocumentOrAll(sql`rough`, sql`score`, perDocument)}
            order by score desc, version_id, ordinal limit ${BY_WORDS})
          union all
          (select version_id, ordinal, null, cosine from ${perDocumentOrAll(sql`near`, sql`cosine`, perDocument)}
            order by cosine desc, version_id, ordinal limit ${BY_MEANING})) found
        group by version_id, ordinal)
      select
        (select json_agg(json_build_object('versionId', version_id, 'ordinal', ordinal,
          'bm25', ${scoreOf(orgId, query)}, 'cosine', coalesce(cosine, ${cosineOf(near)}))) from c) as candidates,
        ${FREQUENCIES} as frequencies,
        (select coalesce(sum(windows), 0)::int from near) as windows`,
  )
  // Others' vectors, or a narrow filter, left too few: then all are compared, so that nobody gets less than there is.
  if (method.kind === 'index' && options.orExact !== false && (row?.windows ?? 0) < FROM_INDEX)
    return rankHybrid(tx, orgId, query, vector, filters, limit, perDocument, { ...options, method: { kind: 'exact' } })
  const fused = fuse(row?.candidates ?? [], vector.weight, vector.floor)
  return {
    passages: (perDocument ? bestOfEachDocument(fused) : fused).slice(0, limit),
    frequencies: new Map(Object.entries(row?.frequencies ?? {})),
  }
}

interface Near {
  readonly orgId: string
  readonly model: string
  /** The query's vector as pgvector reads it. */
  readonly text: string
  readonly dimension: number
}

/** `version_id, ordinal, cosine, windows` of wanted chunks, by their nearest windows. */
const NEAR: Readonly<Record<NearMethod['kind'], (near: Near, filters: Filters, perDocument: boolean) => SQL>> = {
  // The nearest windows are kept and then sorted into chunks, which takes half as long as to sort all into chunks. Where
  // each document counts once, all the nearest could be of one.
  exact: ({ orgId, model, text }, { collectionIds }, perDocument) =>
    byChunk(sql`
      select e.version_id, e.ordinal, e.embedding <=> ${text}::halfvec as distance
      from chunk_embedding e
      where e.org_id = ${orgId} and e.model = ${model} and (e.version_id in (select version_id from live where wanted)) is true
        ${inCollections(collectionIds, sql`e.collection_id`)}
      ${perDocument ? sql`offset 0` : sql`order by distance, version_id, ordinal limit ${FROM_ALL}`}`),
  // Literals where the index is to be recognised: the model in its predicate, the dimension in its expression. `is true`
  // keeps the versions a filter on what the index gives: as a join they would lead the planner away from it.
  index: ({ orgId, model, text, dimension }) => {
    const type = sql.raw(`halfvec(${dimension})`)
    return byChunk(sql`
      select e.version_id, e.ordinal, e.embedding::${type} <=> ${text}::${type} as distance
      from chunk_embedding e
      where e.org_id = ${orgId} and e.model = ${sql.raw(literal(model))}
        and (e.version_id in (select version_id from live where wanted)) is true
      order by e.embedding::${type} <=> ${text}::${type} limit ${FROM_INDEX}`)
  },
  none: () => sql`
    select null::uuid as version_id, null::int as ordinal, null::float8 as cosine, null::bigint as windows where false`,
}

const byChunk = (windows: SQL): SQL => sql`
  select version_id, ordinal, 1 - min(distance) as cosine, count(*) as windows from (${windows}) found
  group by version_id, ordinal`

const cosineOf = ({ orgId, model, text }: Near): SQL => sql`(
  select 1 - min(e.embedding <=> ${text}::halfvec) from chunk_embedding e
  where e.org_id = ${orgId} and e.model = ${model} and e.version_id = c.version_id and e.ordinal = c.ordinal)`

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

/**
 * Row-level security and the filters act on what the index gives: without going on (`iterative_scan`) another
 * organisation's windows could leave nothing of this one's.
 */
const searchThroughIndex = (tx: TenantTx, mostLookedAt: number) =>
  tx.execute(sql`select set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('hnsw.ef_search', ${String(EF_SEARCH)}, true), set_config('hnsw.max_scan_tuples', ${String(mostLookedAt)}, true),
    set_config('enable_seqscan', 'off', true)`)

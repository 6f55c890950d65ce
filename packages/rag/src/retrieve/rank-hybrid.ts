import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { embeddingIndexName, type TenantTx } from '@quarry/db'
import type { QueryVector } from '../embed/query-embedder.ts'
import { vectorText } from '../embed/vector-text.ts'
import type { Filters } from './filters.ts'
import { bestOfEachDocument, fuse, type Candidate } from './fuse.ts'
import { inCollections, type AnalysedQuery } from './query-terms.ts'
import type { Ranking } from './rank-passages.ts'
import { rowsOf } from './rows.ts'
import { perDocumentOrAll, scoredByWords } from './scored-by-words.ts'

/** Candidates of each search. Twice what can be asked for, so that the other search can lift what this one ranks low. */
const BY_WORDS = 200
const BY_MEANING = 100
/**
 * Numbers that are compared for one query without an index: chunks × windows of each × dimensions. The embedded database,
 * in which everybody else waits for it, compares 5,200 vectors of 512 in 40 ms; PostgreSQL 24,000 in 75 ms.
 */
const MOST_COMPARED = 12_000_000
/** A chunk of 200 to 380 words has about four windows of 60. */
const WINDOWS_PER_CHUNK = 4
/** Windows taken from the index: several of one chunk may be among the nearest. */
const FROM_INDEX = 400
/** The index's recall is .99 then (and .89 at its default of 40). */
const EF_SEARCH = 200

/**
 * The best `limit` chunks by words and meaning together, as `rankPassages` otherwise. The vectors are compared one by
 * one where the collections are small, found by the model's index where they are large, and where there is none only
 * those of the best passages by words are looked at.
 */
export async function rankHybrid(
  tx: TenantTx,
  orgId: string,
  query: AnalysedQuery,
  vector: QueryVector,
  filters: Filters,
  limit: number,
  perDocument: boolean,
  mostCompared: number = MOST_COMPARED,
): Promise<Ranking> {
  if (query.chunks === 0) return { passages: [], frequencies: new Map() }
  const small = query.chunks * WINDOWS_PER_CHUNK * vector.vector.length <= mostCompared
  const method = small ? 'exact' : (await hasIndex(tx, vector.model)) ? 'index' : 'none'
  if (method === 'index') await searchThroughIndex(tx)
  const [row] = await rowsOf<{ candidates: Candidate[] | null; frequencies: Record<string, number> | null }>(
    tx,
    sql`with ${scoredByWords(orgId, query, filters)},
      by_words as (
        select version_id, document_id, ordinal from ${perDocumentOrAll(sql`scored`, sql`score`, perDocument)}
        order by score desc, version_id, ordinal limit ${BY_WORDS}),
      near as materialized (${NEAR[method](orgId, vector, filters)}),
      by_meaning as (
        select version_id, document_id, ordinal from ${perDocumentOrAll(sql`near`, sql`cosine`, perDocument)}
        order by cosine desc, version_id, ordinal limit ${BY_MEANING}),
      candidate as materialized (select * from by_words union select * from by_meaning)
      select
        (select json_agg(json_build_object(
          'versionId', c.version_id, 'documentId', c.document_id, 'ordinal', c.ordinal,
          'bm25', coalesce(scored.score, 0), 'cosine', ${method === 'exact' ? sql`near.cosine` : cosineOf(orgId, vector)}
        )) from candidate c left join scored using (version_id, document_id, ordinal)
          left join near using (version_id, document_id, ordinal)) as candidates,
        (select json_object_agg(lexeme, df) from frequency) as frequencies`,
  )
  const fused = fuse(row?.candidates ?? [], vector.weight, vector.floor)
  return {
    passages: (perDocument ? bestOfEachDocument(fused) : fused).slice(0, limit),
    frequencies: new Map(Object.entries(row?.frequencies ?? {})),
  }
}

type Near = (orgId: string, vector: QueryVector, filters: Filters) => SQL

/** `version_id, document_id, ordinal, cosine` of wanted chunks, by their nearest windows. */
const NEAR: Readonly<Record<'exact' | 'index' | 'none', Near>> = {
  exact: (orgId, { model, vector }, { collectionIds }) => sql`
    select e.version_id, live.document_id, e.ordinal, 1 - min(e.embedding <=> ${vectorText(vector)}::halfvec) as cosine
    from chunk_embedding e join live on live.version_id = e.version_id
    where e.org_id = ${orgId} and e.model = ${model} and live.wanted ${inCollections(collectionIds, sql`e.collection_id`)}
    group by e.version_id, live.document_id, e.ordinal`,
  // Literals where the index is to be recognised: the model in its predicate, the dimension in its expression.
  index: (orgId, { model, vector }, { collectionIds }) => {
    const type = sql.raw(`halfvec(${vector.length})`)
    return sql`
      select version_id, document_id, ordinal, 1 - min(distance) as cosine from (
        select e.version_id, live.document_id, e.ordinal, e.embedding::${type} <=> ${vectorText(vector)}::${type} as distance
        from chunk_embedding e join live on live.version_id = e.version_id
        where e.org_id = ${orgId} and e.model = ${sql.raw(literal(model))} and live.wanted
          ${inCollections(collectionIds, sql`e.collection_id`)}
        order by e.embedding::${type} <=> ${vectorText(vector)}::${type} limit ${FROM_INDEX}) nearest
      group by version_id, document_id, ordinal`
  },
  none: () => sql`
    select null::uuid as version_id, null::uuid as document_id, null::int as ordinal, null::float8 as cosine where false`,
}

const cosineOf = (orgId: string, { model, vector }: QueryVector): SQL => sql`(
  select 1 - min(e.embedding <=> ${vectorText(vector)}::halfvec) from chunk_embedding e
  where e.org_id = ${orgId} and e.model = ${model} and e.version_id = c.version_id and e.ordinal = c.ordinal)`

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

async function hasIndex(tx: TenantTx, model: string): Promise<boolean> {
  const [row] = await rowsOf<{ there: boolean }>(
    tx,
    sql`select to_regclass(${`public.${embeddingIndexName(model)}`}) is not null as there`,
  )
  return row?.there ?? false
}

/**
 * Row-level security and the filters act on what the index gives: without going on (`iterative_scan`) another
 * organisation's windows could leave nothing of this one's.
 */
const searchThroughIndex = (tx: TenantTx) =>
  tx.execute(
    sql`select set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', ${String(EF_SEARCH)}, true)`,
  )

import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Filters } from './filters.ts'
import { liveVersions, narrows } from './filters.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { json } from './rows.ts'

/** Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); the usual values. */
const K1 = 1.2
const B = 0.75

/**
 * Postings of wanted passages that are read for finding them, the rarest word's first. A word that would make them more
 * says little of a passage that has none of the rarer ones; it still counts in full for the passages that they found. All
 * words of nearly every query count from the start in up to 8,000 passages.
 */
export const MOST_POSTINGS = 10_000
/** Half of what may be read tells a frequent word from a rare one; its share of the passages is then known to 2 %. */
const MOST_COUNTED = MOST_POSTINGS / 2
/** Where the rarer words have not so many, the next one finds as well, however frequent: else a result could be too short. */
const FEW_POSTINGS = 2_000

/**
 * The first CTEs of a search: `live` (see liveVersions), `weight` (lexeme, df, idf, leads: whether passages are
 * found by it) and `rough` (version_id, ordinal, score): every wanted chunk that has one of the rarer lexemes, with their share of its
 * BM25. Only live versions count, for score and statistics alike.
 *
 * A word that has as many postings as MOST_COUNTED is counted by a sample: so many of them, in the order of the
 * versions' ids, and the share of the versions that they are of: what it adds is little, whatever its exact number.
 *
 * The planner underestimates how often words meet in one organisation, and would join these lists in nested loops. So
 * nothing here is joined but a word with its own stretch of the index: `offset 0` keeps that, `is true` keeps a list of
 * versions a hash table that is asked.
 */
export function scoredByWords(orgId: string, query: AnalysedQuery, filters: Filters, most: number): SQL {
  const terms = json(query.terms.map(({ lexeme, count }) => ({ lexeme, count })))
  const postings = (lexeme: SQL, versions: SQL) => sql`
    from posting p where p.org_id = ${orgId} and p.lexeme = ${lexeme} and (p.version_id in (${versions})) is true`
  const wanted = sql`select version_id from live where wanted`
  const found = narrows(filters) ? sql`count(*) filter (where (p.version_id in (${wanted})) is true)` : sql`count(*)`
  const counted = Math.max(MOST_COUNTED, Math.ceil(most / 2))
  // In the order of the versions' ids, so that the last one says how large a share of them it is of.
  const inOrder = sql`select p.version_id ${postings(sql`term.lexeme`, sql`select version_id from live`)}
    order by p.version_id, p.ordinal`
  return sql`term as materialized (select lexeme, count from jsonb_to_recordset(${terms}) as t(lexeme text, count int)),
    live as materialized (${liveVersions(orgId, filters)}),
    sampled as materialized (
      select term.*, counted.* from term cross join lateral (
        select count(*) as df, ${found} as found from (${inOrder} limit ${counted}) p) counted
      where df > 0),
    frequency as materialized (
      select lexeme, count, (df / share)::int as df, (found / share)::int as found from sampled term cross join lateral (
        select case when df < ${counted} then 1 else (
          select count(*) filter (where version_id <= (${inOrder} offset ${counted - 1} limit 1)) / count(*)::float8 from live) end as share offset 0) s),
    weight as materialized (
      select lexeme, df, count * ln(1 + (${query.chunks}::float8 - df + 0.5) / (df + 0.5)) as idf,
        read <= ${most} or read - found < ${Math.min(most, FEW_POSTINGS)} as leads
      from (select *, sum(found) over (order by found, lexeme) as read from frequency) f),
    rough as (
      select p.version_id, p.ordinal, sum(idf * ${termFrequency(query)}) as score
      from weight cross join lateral (
        select p.version_id, p.ordinal, p.tf, p.length
        ${postings(sql`weight.lexeme`, wanted)} offset 0) p
      where weight.leads
      group by p.version_id, p.ordinal)`
}

/**
 * The whole BM25 of a row `c` (version_id, ordinal, score): its score in `rough`, null where it was not looked for there,
 * and what the frequent words add.
 */
export const scoreOf = (orgId: string, query: AnalysedQuery): SQL => sql`
  coalesce(c.score, 0) + coalesce((
    select sum(w.idf * ${termFrequency(query)})
    from weight w cross join lateral (
      select p.tf, p.length from posting p
      where p.org_id = ${orgId} and p.lexeme = w.lexeme and p.version_id = c.version_id and p.ordinal = c.ordinal offset 0) p
    where c.score is null or not w.leads), 0)`

/** `tf · (k1 + 1) / (tf + k1 · (1 − b + b · length / average))`, with what is the same for all rows worked out before. */
const termFrequency = ({ averageLength }: AnalysedQuery): SQL =>
  sql`${K1 + 1}::float8 * p.tf / (p.tf + ${K1 * (1 - B)}::float8 + ${(K1 * B) / averageLength}::float8 * p.length)`

/** How many chunks have each lexeme, as one JSON object. */
export const FREQUENCIES: SQL = sql`(select json_object_agg(lexeme, df) from weight)`

/** `from`, or of each document the row with the most `by`: it has one live version. */
export const perDocumentOrAll = (from: SQL, by: SQL, perDocument: boolean): SQL =>
  perDocument
    ? sql`(select distinct on (version_id) * from ${from} order by version_id, ${by} desc, ordinal) best`
    : from

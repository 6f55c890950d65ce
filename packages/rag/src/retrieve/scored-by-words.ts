import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Filters } from './filters.ts'
import { liveVersions } from './filters.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { json } from './rows.ts'

/** Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); the usual values. */
const K1 = 1.2
const B = 0.75

/**
 * The first CTEs of a search: `live` (see liveVersions), `frequency` (lexeme, df) and `scored` (version_id, document_id,
 * ordinal, score): every wanted chunk that has one of the query's lexemes, with its BM25. Only live versions count, for
 * score and statistics alike.
 */
export function scoredByWords(orgId: string, query: AnalysedQuery, filters: Filters): SQL {
  const terms = json(query.terms.map(({ lexeme, count }) => ({ lexeme, count })))
  return sql`term as (select lexeme, count from jsonb_to_recordset(${terms}) as t(lexeme text, count int)),
    live as materialized (${liveVersions(orgId, filters)}),
    hit as materialized (
      select p.lexeme, p.version_id, live.document_id, live.wanted, p.ordinal, p.tf, p.length
      from term join posting p on p.org_id = ${orgId} and p.lexeme = term.lexeme
      join live on live.version_id = p.version_id),
    frequency as materialized (select lexeme, count(*)::int as df from hit group by lexeme),
    weight as (
      select lexeme, term.count * ln(1 + (${query.chunks}::float8 - df + 0.5) / (df + 0.5)) as idf
      from frequency join term using (lexeme)),
    scored as materialized (
      select version_id, document_id, ordinal,
        sum(idf * tf * ${K1 + 1}::float8
          / (tf + ${K1}::float8 * (1 - ${B}::float8 + ${B}::float8 * length / ${query.averageLength}::float8))) as score
      from hit join weight using (lexeme) where wanted
      group by version_id, document_id, ordinal)`
}

/** `from`, or of each document the row with the most `by`. */
export const perDocumentOrAll = (from: SQL, by: SQL, perDocument: boolean): SQL =>
  perDocument
    ? sql`(select distinct on (document_id) * from ${from} order by document_id, ${by} desc, ordinal) best`
    : from

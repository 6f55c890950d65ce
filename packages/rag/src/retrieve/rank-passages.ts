import { sql } from 'drizzle-orm'
import type { TenantTx } from '@quarry/db'
import { inCollections } from './query-terms.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { json, rowsOf } from './rows.ts'

/** Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); the usual values. */
const K1 = 1.2
const B = 0.75

export interface Filters {
  readonly collectionIds: readonly string[] | null
  readonly documentIds: readonly string[] | null
}

export interface RankedPassage {
  readonly versionId: string
  readonly documentId: string
  /** The chunk's ordinal in its version. */
  readonly ordinal: number
  readonly score: number
}

export interface Ranking {
  readonly passages: readonly RankedPassage[]
  /** Live chunks that hold the lexeme, over the collections searched: BM25's df. */
  readonly frequencies: ReadonlyMap<string, number>
}

/**
 * The best `limit` chunks by BM25, ties by version and ordinal so that a search repeats exactly. With `perDocument`,
 * each document once, by its best chunk. A document filter narrows what is ranked, not the statistics: a word is as rare
 * as it is in the collections. Only live versions count, for rank and statistics alike.
 */
export async function rankPassages(
  tx: TenantTx,
  orgId: string,
  query: AnalysedQuery,
  filters: Filters,
  limit: number,
  perDocument: boolean,
): Promise<Ranking> {
  if (query.terms.length === 0) return { passages: [], frequencies: new Map() }
  const terms = json(query.terms.map(({ lexeme, count }) => ({ lexeme, count })))
  const [row] = await rowsOf<{ passages: RankedPassage[] | null; frequencies: Record<string, number> | null }>(
    tx,
    sql`with term as (select lexeme, count from jsonb_to_recordset(${terms}) as t(lexeme text, count int)),
      live as materialized (
        select live_version_id as version_id, id as document_id from document
        where org_id = ${orgId} and live_version_id is not null ${inCollections(filters.collectionIds)}),
      hit as materialized (
        select p.lexeme, p.version_id, live.document_id, p.ordinal, p.tf, p.length
        from term join posting p on p.org_id = ${orgId} and p.lexeme = term.lexeme
        join live on live.version_id = p.version_id),
      frequency as materialized (select lexeme, count(*)::int as df from hit group by lexeme),
      weight as (
        select lexeme, term.count * ln(1 + (${query.chunks}::float8 - df + 0.5) / (df + 0.5)) as idf
        from frequency join term using (lexeme)),
      scored as (
        select version_id, document_id, ordinal,
          sum(idf * tf * ${K1 + 1}::float8
            / (tf + ${K1}::float8 * (1 - ${B}::float8 + ${B}::float8 * length / ${query.averageLength}::float8))) as score
        from hit join weight using (lexeme) ${onlyDocuments(filters.documentIds)}
        group by version_id, document_id, ordinal),
      candidate as (${perDocument ? sql`select distinct on (document_id) * from scored order by document_id, score desc, ordinal` : sql`select * from scored`}),
      best as (select * from candidate order by score desc, version_id, ordinal limit ${limit})
      select
        (select json_agg(json_build_object(
          'versionId', version_id, 'documentId', document_id, 'ordinal', ordinal, 'score', score
        ) order by score desc, version_id, ordinal) from best) as passages,
        (select json_object_agg(lexeme, df) from frequency) as frequencies`,
  )
  return {
    passages: row?.passages ?? [],
    frequencies: new Map(Object.entries(row?.frequencies ?? {})),
  }
}

const onlyDocuments = (ids: readonly string[] | null) =>
  ids === null ? sql`` : sql`where document_id in (select value::uuid from jsonb_array_elements_text(${json(ids)}))`

import { sql } from 'drizzle-orm'
import type { TenantTx } from '@quarry/db'
import type { Filters } from './filters.ts'
import type { RankedPassage } from './fuse.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { rowsOf } from './rows.ts'
import { FREQUENCIES, MOST_POSTINGS, perDocumentOrAll, scoredByWords, scoreOf } from './scored-by-words.ts'

export interface Ranking {
  readonly passages: readonly RankedPassage[]
  /** Live chunks that hold the lexeme, over the collections searched: BM25's df. */
  readonly frequencies: ReadonlyMap<string, number>
}

/** Passages whose whole score is looked at: more than can be asked for, so that frequent words can lift one. */
const CANDIDATES = 200

/**
 * The best `limit` chunks by BM25, ties by version and ordinal so that a search repeats exactly. With `perDocument`,
 * each document once, by its best chunk. `most` see MOST_POSTINGS.
 */
export async function rankPassages(
  tx: TenantTx,
  orgId: string,
  query: AnalysedQuery,
  filters: Filters,
  limit: number,
  perDocument: boolean,
  most: number = MOST_POSTINGS,
): Promise<Ranking> {
  if (query.terms.length === 0) return { passages: [], frequencies: new Map() }
  const [row] = await rowsOf<{ passages: RankedPassage[] | null; frequencies: Record<string, number> | null }>(
    tx,
    sql`with ${scoredByWords(orgId, query, filters, most)},
      c as materialized (
        select version_id, ordinal, score from ${perDocumentOrAll(sql`rough`, sql`score`, perDocument)}
        order by score desc, version_id, ordinal limit ${Math.max(limit, CANDIDATES)}),
      top as (
        select version_id, ordinal, ${scoreOf(orgId, query)} as total
        from c order by total desc, version_id, ordinal limit ${limit})
      select
        (select json_agg(json_build_object('versionId', version_id, 'ordinal', ordinal, 'score', total)
          order by total desc, version_id, ordinal) from top) as passages,
        ${FREQUENCIES} as frequencies`,
  )
  return {
    passages: row?.passages ?? [],
    frequencies: new Map(Object.entries(row?.frequencies ?? {})),
  }
}

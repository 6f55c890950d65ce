import { sql } from 'drizzle-orm'
import type { TenantTx } from '@quarry/db'
import type { Filters } from './filters.ts'
import type { RankedPassage } from './fuse.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { rowsOf } from './rows.ts'
import { perDocumentOrAll, scoredByWords } from './scored-by-words.ts'

export interface Ranking {
  readonly passages: readonly RankedPassage[]
  /** Live chunks that hold the lexeme, over the collections searched: BM25's df. */
  readonly frequencies: ReadonlyMap<string, number>
}

/**
 * The best `limit` chunks by BM25, ties by version and ordinal so that a search repeats exactly. With `perDocument`,
 * each document once, by its best chunk.
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
  const [row] = await rowsOf<{ passages: RankedPassage[] | null; frequencies: Record<string, number> | null }>(
    tx,
    sql`with ${scoredByWords(orgId, query, filters)},
      top as (
        select * from ${perDocumentOrAll(sql`scored`, sql`score`, perDocument)}
        order by score desc, version_id, ordinal limit ${limit})
      select
        (select json_agg(json_build_object(
          'versionId', version_id, 'documentId', document_id, 'ordinal', ordinal, 'score', score
        ) order by score desc, version_id, ordinal) from top) as passages,
        (select json_object_agg(lexeme, df) from frequency) as frequencies`,
  )
  return {
    passages: row?.passages ?? [],
    frequencies: new Map(Object.entries(row?.frequencies ?? {})),
  }
}

import { sql } from 'drizzle-orm'
import type { TenantTx } from '@quarry/db'
import { analyse } from '../analyse/analyse.ts'
import { configurationOf, detectLanguage, isLanguage } from '../analyse/language.ts'
import type { Configuration } from '../analyse/language.ts'
import { json, rowsOf } from './rows.ts'

export interface QueryTerm {
  readonly lexeme: string
  /** How often the query says it. */
  readonly count: number
  /** The query's word that it comes from, as typed but lower-cased; a script without spaces gives its bigrams. */
  readonly word: string
}

export interface AnalysedQuery {
  readonly terms: readonly QueryTerm[]
  /** Text search configurations of the languages in the collections. */
  readonly configurations: readonly Configuration[]
  /** Live chunks in the collections, and their mean length in lexemes: BM25's N and avgdl. */
  readonly chunks: number
  readonly averageLength: number
}

/** Enough for a long question; a pasted page must not become thousands of index scans. */
const MAX_WORDS = 64

/**
 * The query's lexemes in every language that the collections hold, with the size of the index. Words that only join
 * others (stop words) of the query's own language are dropped in every language: "the" is rare in German documents, and
 * would rank them high. The query's language is the one that has most of its words for stop words.
 */
export async function analyseQuery(
  tx: TenantTx,
  orgId: string,
  query: string,
  collectionIds: readonly string[] | null,
): Promise<AnalysedQuery> {
  const stats = await rowsOf<{ language: string; chunks: number; length: number }>(
    tx,
    sql`select language, sum(chunks)::float8 as chunks, sum(length)::float8 as length from collection_stat
        where org_id = ${orgId} ${inCollections(collectionIds)} group by language having sum(chunks) > 0`,
  )
  const chunks = stats.reduce((sum, stat) => sum + stat.chunks, 0)
  const length = stats.reduce((sum, stat) => sum + stat.length, 0)
  const configurations = [...new Set(stats.map((s) => configurationOf(isLanguage(s.language) ? s.language : 'simple')))]
  const index = { configurations, chunks, averageLength: chunks === 0 ? 0 : length / chunks }
  if (chunks === 0) return { ...index, terms: [] }

  const { rest, tokens } = analyse(query, 'simple')
  const words = countWords(rest)
  const guess = configurationOf(detectLanguage(query))
  const tried = [...new Set<Configuration>([...configurations, 'english', guess])]
  const analysed = await rowsOf<{ configuration: Configuration; word: string; lexemes: string[] | null }>(
    tx,
    sql`select c.configuration, w.word, tsvector_to_array(to_tsvector(c.configuration::regconfig, w.word)) as lexemes
        from jsonb_array_elements_text(${json(tried)}) as c(configuration),
             jsonb_array_elements_text(${json([...words.keys()])}) as w(word)`,
  )
  const stopWords = stopWordsOf(analysed)
  const terms = new Map<string, QueryTerm>()
  const add = (lexeme: string, count: number, word: string) => {
    const known = terms.get(lexeme)
    // Two words of one stem add up; one word that two languages stem alike does not.
    if (!known) terms.set(lexeme, { lexeme, count, word })
    else if (known.word !== word) terms.set(lexeme, { ...known, count: known.count + count })
  }
  for (const { configuration, word, lexemes } of analysed) {
    if (!configurations.includes(configuration) || stopWords.has(word)) continue
    for (const lexeme of lexemes ?? []) add(lexeme, words.get(word) ?? 1, word)
  }
  for (const [token, count] of countOf(tokens)) add(token, count, token)
  return { ...index, terms: [...terms.values()] }
}

/** `and collection_id in (…)`, or nothing. */
export const inCollections = (ids: readonly string[] | null, column = sql`collection_id`) =>
  ids === null ? sql`` : sql`and ${column} in (select value::uuid from jsonb_array_elements_text(${json(ids)}))`

/** A word that has lexemes in no language at all is punctuation, not a stop word. */
function stopWordsOf(
  analysed: readonly { configuration: Configuration; word: string; lexemes: string[] | null }[],
): ReadonlySet<string> {
  const dropped = new Map<Configuration, Set<string>>()
  for (const { configuration, word, lexemes } of analysed) {
    const words = dropped.get(configuration) ?? new Set()
    if ((lexemes ?? []).length === 0) words.add(word)
    dropped.set(configuration, words)
  }
  return [...dropped.values()].reduce((most, words) => (words.size > most.size ? words : most), new Set<string>())
}

function countWords(text: string): Map<string, number> {
  const words = text.toLowerCase().match(/[^\s"“”„«»()[\]{}<>?!;,]+/gu) ?? []
  return new Map([...countOf(words)].slice(0, MAX_WORDS))
}

function countOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

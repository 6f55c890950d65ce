import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import { embeddingIndexName, fixedText, PARTITIONS, type TenantTx } from '@quarry/db'
import { analyse } from '../analyse/analyse.ts'
import { CONFIGURATIONS, configurationOf, detectLanguage, isLanguage } from '../analyse/language.ts'
import type { Configuration } from '../analyse/language.ts'
import type { VectorIndex } from './near-method.ts'
import { json, rowsOf } from './rows.ts'

export interface QueryTerm {
  readonly lexeme: string
  /** How often the query says it. */
  readonly count: number
}

/** A word of the query, lower-cased (a script without spaces gives its characters and bigrams), and what it is found by. */
export interface QueryWord {
  readonly word: string
  /** Its lexemes in one language: several for a compound. */
  readonly lexemes: readonly string[]
}

export interface AnalysedQuery {
  readonly terms: readonly QueryTerm[]
  /** An entry for each language that reads a word in its own way. Without stop words. */
  readonly words: readonly QueryWord[]
  /** Text search configurations of the languages in the collections. */
  readonly configurations: readonly Configuration[]
  /** Live chunks in the collections, and their mean length in lexemes: BM25's N and avgdl. */
  readonly chunks: number
  readonly averageLength: number
  /** Null where no model was named, or the model has no index. */
  readonly vectorIndex: VectorIndex | null
}

/** Enough for a long question; a pasted page must not become thousands of index scans. */
const MAX_WORDS = 64

interface Read {
  readonly configuration: Configuration
  readonly word: string
  readonly lexemes: string[] | null
}

/**
 * The query's lexemes in every language that the collections hold, with the size of the index: one statement. Words that
 * only join others (stop words) of the query's own language are dropped in every language: "the" is rare in German
 * documents, and would rank them high. The query's language is the one that has most of its words for stop words.
 *
 * @param model of the vectors that will be searched for, null for none.
 */
export async function analyseQuery(
  tx: TenantTx,
  orgId: string,
  query: string,
  collectionIds: readonly string[] | null,
  model: string | null = null,
): Promise<AnalysedQuery> {
  const { rest, tokens } = analyse(query, 'simple')
  const words = countWords(rest)
  const guess = configurationOf(detectLanguage(query))
  const [row] = await rowsOf<{
    stats: { language: string; chunks: number; length: number }[] | null
    read: Read[] | null
    index: VectorIndex | null
  }>(
    tx,
    sql`with ${fixedText} stat as materialized (
        select language, sum(chunks)::float8 as chunks, sum(length)::float8 as length from collection_stat
        where org_id = ${orgId} ${inCollections(collectionIds)} group by language having sum(chunks) > 0),
      tried as (
        select coalesce(${json(CONFIGURATIONS)} ->> language, 'simple') as configuration from stat
        union select jsonb_array_elements_text(${json(['english', guess])}))
      select
        (select json_agg(stat order by chunks desc, language) from stat) as stats,
        (select json_agg(json_build_object('configuration', t.configuration, 'word', w.word,
            'lexemes', tsvector_to_array(to_tsvector(t.configuration::regconfig, w.word))) order by w.at)
          from tried t, jsonb_array_elements_text(${json([...words.keys()])}) with ordinality as w(word, at)) as read,
        ${model === null ? sql`null` : vectorIndexOf(orgId, model)} as index`,
  )
  const stats = row?.stats ?? []
  const chunks = stats.reduce((sum, stat) => sum + stat.chunks, 0)
  const length = stats.reduce((sum, stat) => sum + stat.length, 0)
  const configurations = [...new Set(stats.map((s) => configurationOf(isLanguage(s.language) ? s.language : 'simple')))]
  const index = {
    ...{ configurations, chunks, vectorIndex: row?.index ?? null },
    averageLength: chunks === 0 ? 0 : length / chunks,
  }
  if (chunks === 0) return { ...index, terms: [], words: [] }

  const tried = [...new Set<Configuration>([...configurations, 'english', guess])]
  const analysed = tried.flatMap((one) => (row?.read ?? []).filter(({ configuration }) => configuration === one))
  const stopWords = stopWordsOf(analysed)
  const read: QueryWord[] = analysed.flatMap(({ configuration, word, lexemes }) =>
    configurations.includes(configuration) && !stopWords.has(word) && lexemes && lexemes.length > 0
      ? [{ word, lexemes }]
      : [],
  )
  const unspaced = countOf(tokens)
  for (const token of unspaced.keys()) read.push({ word: token, lexemes: [token] })
  return { ...index, words: read, terms: termsOf(read, (word) => words.get(word) ?? unspaced.get(word) ?? 1) }
}

/** A partition holds the same organisations of every table. Null where the model has no index. */
const vectorIndexOf = (orgId: string, model: string): SQL => sql`(
  select json_build_object('chunks', greatest(c.reltuples, 0), 'windows', greatest(e.reltuples, 0))
  from generate_series(0, ${PARTITIONS - 1}::int) as part
  join pg_class c on c.oid = to_regclass('public.chunk_p' || part)
  join pg_class e on e.oid = to_regclass('public.chunk_embedding_p' || part)
  where to_regclass(${`public.${embeddingIndexName(model)}`}) is not null
    and satisfies_hash_partition('public.chunk'::regclass, ${PARTITIONS}::int, part, ${orgId}::uuid))`

/** Two words of one stem add up; one word that two languages stem alike does not. */
function termsOf(words: readonly QueryWord[], countOfWord: (word: string) => number): QueryTerm[] {
  const sources = new Map<string, Set<string>>()
  for (const { word, lexemes } of words) {
    for (const lexeme of lexemes) sources.set(lexeme, (sources.get(lexeme) ?? new Set()).add(word))
  }
  return [...sources].map(([lexeme, from]) => ({
    lexeme,
    count: [...from].reduce((sum, word) => sum + countOfWord(word), 0),
  }))
}

/** `and collection_id in (…)`, or nothing. */
export const inCollections = (ids: readonly string[] | null, column = sql`collection_id`) =>
  ids === null ? sql`` : sql`and ${column} in (select value::uuid from jsonb_array_elements_text(${json(ids)}))`

/** A word that has lexemes in no language at all is punctuation, not a stop word. */
function stopWordsOf(analysed: readonly Read[]): ReadonlySet<string> {
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

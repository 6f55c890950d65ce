import type { SearchHit, SearchInput } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import type { QueryEmbedder } from '../embed/query-embedder.ts'
import { filtersOf } from './filters.ts'
import { highlightsOf } from './highlights.ts'
import type { Highlights } from './highlights.ts'
import { readPassages } from './passages.ts'
import { analyseQuery } from './query-terms.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { rankHybrid } from './rank-hybrid.ts'
import { rankPassages } from './rank-passages.ts'

export interface RetrieveOptions {
  /** Each document once, by its best passage. Default: every passage for itself. */
  readonly perDocument?: boolean
  /** Gives meaning a share in the ranking; left out or null: words alone. */
  readonly embedder?: QueryEmbedder | null
  /** Called where that did not answer, so that the search went by words alone and would not in a while. */
  readonly onWordsAlone?: () => void
}

/** A word of the query, and how many of the passages searched have it. */
export interface WordFrequency {
  readonly word: string
  readonly passages: number
  /** How the passages found write it, by the index's own stems: lower case, at most a handful. */
  readonly forms: readonly string[]
}

export interface Retrieval {
  readonly hits: readonly SearchHit[]
  readonly words: readonly WordFrequency[]
  /** Passages in the collections searched. */
  readonly passages: number
}

/**
 * Searches what the caller may see, best first, in one short transaction: by words (BM25), and, where there is a model
 * and vectors of it, by meaning. By words alone, a query whose words occur nowhere finds nothing. Throws AppError('unavailable') when the database does not answer in time.
 */
export async function retrieve(
  tenantDb: TenantDb,
  input: SearchInput,
  options: RetrieveOptions = {},
): Promise<readonly SearchHit[]> {
  return (await retrieveWithWords(tenantDb, input, options)).hits
}

/** As `retrieve`, with what it learned about the query's words: which are rare, and which occur nowhere. */
export async function retrieveWithWords(
  tenantDb: TenantDb,
  input: SearchInput,
  options: RetrieveOptions = {},
): Promise<Retrieval> {
  const { orgId } = tenantDb.actor
  const filters = filtersOf(input)
  // Before the transaction: nobody waits for a model while others wait for the database.
  const vector =
    input.mode === 'lexical' ? null : await options.embedder?.vectorOf(orgId, input.query, options.onWordsAlone)
  return tenantDb.tx(async (tx) => {
    const query = await analyseQuery(tx, orgId, input.query, filters.collectionIds, vector?.model ?? null)
    const perDocument = options.perDocument ?? false
    const { passages: ranked, frequencies } = vector
      ? await rankHybrid(tx, orgId, query, vector, filters, input.limit, perDocument)
      : await rankPassages(tx, orgId, query, filters, input.limit, perDocument)
    const passages = await readPassages(tx, orgId, ranked)
    const texts = passages.map((passage) => passage.text)
    const highlights = await highlightsOf(tx, texts, query)
    const scores = new Map(ranked.map((passage) => [`${passage.versionId}:${passage.ordinal}`, passage.score]))
    const hits = passages.map((passage, i) => ({
      documentId: passage.documentId,
      versionId: passage.versionId,
      collectionId: passage.collectionId,
      document: passage.document,
      title: passage.title,
      ordinal: passage.ordinal,
      page: passage.page,
      mediaType: passage.mediaType,
      language: passage.language,
      addedAt: passage.addedAt,
      headingPath: [...passage.headingPath],
      span: passage.span,
      text: passage.text,
      highlights: highlights.spans[i] ?? [],
      score: scores.get(`${passage.versionId}:${passage.chunkOrdinal}`) ?? 0,
    }))
    return { hits, words: wordFrequencies(query, frequencies, highlights.forms), passages: query.chunks }
  })
}

/** A compound is as frequent as its rarest part; of several languages, the one that finds it most often counts. */
function wordFrequencies(
  query: AnalysedQuery,
  frequencies: ReadonlyMap<string, number>,
  forms: Highlights['forms'],
): WordFrequency[] {
  const words = new Map<string, { passages: number; forms: Set<string> }>()
  for (const { word, lexemes } of query.words) {
    // A document may write the compound as two words.
    const parts = lexemes.filter((lexeme) => !lexeme.includes('-'))
    const counts = (parts.length > 0 ? parts : lexemes).map((lexeme) => frequencies.get(lexeme) ?? 0)
    const known = words.get(word) ?? { passages: 0, forms: new Set() }
    known.passages = Math.max(known.passages, Math.min(...counts))
    const [first, ...others] = lexemes
    if (first !== undefined && others.length === 0) for (const form of forms.get(first) ?? []) known.forms.add(form)
    words.set(word, known)
  }
  return [...words].map(([word, known]) => ({
    word,
    passages: known.passages,
    forms: [...known.forms].filter((form) => form !== word).slice(0, MAX_FORMS),
  }))
}

/** A stem has rarely more in one result; a model reads them all. */
const MAX_FORMS = 8

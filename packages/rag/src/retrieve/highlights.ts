import { sql } from 'drizzle-orm'
import type { Span } from '@quarry/contracts'
import type { TenantTx } from '@quarry/db'
import { analyse } from '../analyse/analyse.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { json, rowsOf } from './rows.ts'

/** Words as an index sees them: letters, marks and digits, with what joins them inside a word or a number. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’.-][\p{L}\p{M}\p{N}]+)*/gu

export interface Highlights {
  /** For each text, the words that the query matched: ascending, not overlapping, neighbours joined. */
  readonly spans: readonly Span[][]
  /** How the texts write the lexemes of the query: lower-case words by lexeme. Scripts without spaces have none. */
  readonly forms: ReadonlyMap<string, readonly string[]>
}

/** A word counts when the index's own analysis gives it one of the query's lexemes, so "studies" is found by "study". */
export async function highlightsOf(tx: TenantTx, texts: readonly string[], query: AnalysedQuery): Promise<Highlights> {
  const lexemes = new Set(query.terms.map((term) => term.lexeme))
  const unspaced = [...lexemes].filter((lexeme) => analyse(lexeme, 'simple').tokens.length > 0)
  const words = new Set<string>()
  for (const text of texts) for (const [word] of text.matchAll(WORD)) words.add(word.toLowerCase())
  const matches = await matchedWords(tx, [...words], query, lexemes)
  const matched = new Set(matches.map(({ word }) => word))
  const forms = new Map<string, string[]>()
  for (const { word, lexeme } of matches) forms.set(lexeme, [...(forms.get(lexeme) ?? []), word])
  return {
    spans: texts.map((text) => merged([...wordSpans(text, matched), ...unspacedSpans(text, unspaced)], text)),
    forms,
  }
}

async function matchedWords(
  tx: TenantTx,
  words: readonly string[],
  query: AnalysedQuery,
  lexemes: ReadonlySet<string>,
): Promise<readonly { readonly word: string; readonly lexeme: string }[]> {
  const separated = words.flatMap((word) => {
    const { rest } = analyse(word, 'simple')
    return rest.trim() === '' ? [] : [{ word, rest }]
  })
  if (separated.length === 0 || lexemes.size === 0) return []
  return rowsOf(
    tx,
    sql`select distinct w.word, l.lexeme
        from jsonb_to_recordset(${json(separated)}) as w(word text, rest text),
             jsonb_array_elements_text(${json(query.configurations)}) as c(configuration),
             unnest(tsvector_to_array(to_tsvector(c.configuration::regconfig, w.rest))) as l(lexeme)
        where l.lexeme in (select jsonb_array_elements_text(${json([...lexemes])}))
        order by 1, 2`,
  )
}
const wordSpans = (text: string, matched: ReadonlySet<string>): Span[] =>
  [...text.matchAll(WORD)]
    .filter(([word]) => matched.has(word.toLowerCase()))
    .map((match) => ({ start: match.index, end: match.index + match[0].length }))

/** Bigrams where the query has any, as single characters of a longer word would mark half of the text. */
function unspacedSpans(text: string, lexemes: readonly string[]): Span[] {
  const longer = lexemes.filter((lexeme) => Array.from(lexeme).length > 1)
  const spans: Span[] = []
  for (const lexeme of longer.length > 0 ? longer : lexemes) {
    for (let at = text.indexOf(lexeme); at !== -1; at = text.indexOf(lexeme, at + 1)) {
      spans.push({ start: at, end: at + lexeme.length })
    }
  }
  return spans
}

function merged(spans: readonly Span[], text: string): Span[] {
  const joined: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = joined.at(-1)
    const touches = last !== undefined && (span.start <= last.end || text.slice(last.end, span.start) === ' ')
    if (last && touches) joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
    else joined.push(span)
  }
  return joined
}

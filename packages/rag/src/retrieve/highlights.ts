import type { Span } from '@quarry/contracts'
import type { TenantTx } from '@quarry/db'
import { analyse } from '../analyse/analyse.ts'
import type { AnalysedQuery } from './query-terms.ts'
import { lexemesOf } from './word-lexemes.ts'

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
  const written = texts.map(wordsOf)
  const words = new Set<string>()
  for (const ofText of written) for (const { word } of ofText) words.add(word)
  const ofWord =
    lexemes.size === 0 ? new Map<string, readonly string[]>() : await lexemesOf(tx, words, query.configurations)
  const matched = new Set<string>()
  for (const [word, own] of ofWord) if (own.some((lexeme) => lexemes.has(lexeme))) matched.add(word)
  const forms = new Map<string, string[]>()
  for (const word of [...matched].toSorted())
    for (const lexeme of ofWord.get(word) ?? [])
      if (lexemes.has(lexeme)) forms.set(lexeme, [...(forms.get(lexeme) ?? []), word])
  const spansOf = (ofText: readonly WrittenWord[]) =>
    ofText.flatMap(({ word, start, end }) => (matched.has(word) ? [{ start, end }] : []))
  return {
    spans: texts.map((text, i) => merged([...spansOf(written[i] ?? []), ...unspacedSpans(text, unspaced)], text)),
    forms,
  }
}

interface WrittenWord extends Span {
  /** In lower case. */
  readonly word: string
}

const wordsOf = (text: string): WrittenWord[] =>
  Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({
    word: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }))

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

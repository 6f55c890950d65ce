import type { Span } from '@quarry/contracts'
import { detectLanguage } from '../analyse/language.ts'
import { sentencesOf } from '../chunk/sentences.ts'

/** A highlight longer than this marks half of a page and proves nothing; a long sentence has 300 characters. */
const MAX_QUOTE_CHARS = 1000
/** Fewer characters ("the", "5") occur by chance, so they do not name a place by themselves. */
const MIN_QUOTE_CHARS = 4

/**
 * Where in `text` the model's words are: as given; else with spaces, quotation marks, hyphens and case made alike; else
 * the sentence that shares most with the quote, or with the claim in front of the marker. Null only for a text without
 * a word in it. Offsets are UTF-16, half-open, without surrounding space.
 */
export function locateQuote(text: string, quote: string | null, claim: string): Span | null {
  const given = quote === null ? null : longestPart(quote)
  if (given !== null && given.length >= MIN_QUOTE_CHARS && given.length <= MAX_QUOTE_CHARS) {
    const found = exactly(text, given) ?? alike(text, given)
    if (found) return found
  }
  const sentences = sentencesOf(text, detectLanguage(text))
  return (
    mostAlike(text, sentences, given ?? '') ?? mostAlike(text, sentences, lastSentence(claim)) ?? sentences[0] ?? null
  )
}

/** A quote shortened by "…" is found by its longest part. */
const longestPart = (quote: string) =>
  quote
    .split(/\s*(?:…|\.{3}|\[[^\]]{0,5}\])\s*/u)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), '')
    .trim()

function exactly(text: string, quote: string): Span | null {
  const start = text.indexOf(quote)
  return start === -1 ? null : { start, end: start + quote.length }
}

function alike(text: string, quote: string): Span | null {
  const page = fold(text)
  const wanted = fold(quote).folded.trim()
  const at = wanted.length < MIN_QUOTE_CHARS ? -1 : page.folded.indexOf(wanted)
  if (at === -1) return null
  const start = page.starts[at]
  const end = page.ends[at + wanted.length - 1]
  return start === undefined || end === undefined ? null : { start, end }
}

interface Folded {
  readonly folded: string
  /** For each UTF-16 unit of `folded`: the span of the original that it stands for. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Lower case, one blank for any space, plain quotation marks and hyphens, words joined across a line-end hyphen. */
function fold(text: string): Folded {
  let folded = ''
  const starts: number[] = []
  const ends: number[] = []
  for (const match of text.matchAll(/\u00AD|(?<=\p{L})[-‐]\s*\n\s*(?=\p{Ll})|\s+|[\s\S]/gu)) {
    const [original] = match
    const plain = plainForm(original)
    if (plain === ' ' && folded.endsWith(' ')) {
      ends[ends.length - 1] = match.index + original.length
      continue
    }
    folded += plain
    for (let i = 0; i < plain.length; i++) {
      starts.push(match.index)
      ends.push(match.index + original.length)
    }
  }
  return { folded, starts, ends }
}

function plainForm(original: string): string {
  if (original === '\u00AD' || /^[-‐]\s*\n/u.test(original)) return ''
  if (/^\s+$/u.test(original)) return ' '
  if (/[‘’‚‛′`´]/u.test(original)) return "'"
  if (/[“”„‟″«»]/u.test(original)) return '"'
  if (/[‐‑‒–—―−]/u.test(original)) return '-'
  return original.normalize('NFKC').toLowerCase()
}

/** The sentence with the largest share of the wanted words, long words counting more; null when it shares nothing. */
function mostAlike(text: string, sentences: readonly Span[], wanted: string): Span | null {
  const words = new Set(wordsOf(wanted))
  if (words.size === 0) return null
  let best: Span | null = null
  let bestScore = 0
  for (const sentence of sentences) {
    if (sentence.end - sentence.start > MAX_QUOTE_CHARS) continue
    const has = new Set(wordsOf(text.slice(sentence.start, sentence.end)))
    let shared = 0
    for (const word of words) if (has.has(word)) shared += Math.min(word.length, 8)
    // Divided by the root of the length, so that a sentence does not win by being long.
    const score = shared / Math.sqrt(has.size + 4)
    if (score > bestScore) {
      best = sentence
      bestScore = score
    }
  }
  return best
}

function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const [run] of text
    .toLowerCase()
    .matchAll(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+|[\p{L}\p{M}\p{N}]+(?:[.,-]\p{N}+)*/gu,
    )) {
    if (/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(run)) {
      for (let i = 0; i + 1 < run.length; i++) words.push(run.slice(i, i + 2))
    } else words.push(run)
  }
  return words
}

function lastSentence(claim: string): string {
  const last = sentencesOf(claim, detectLanguage(claim)).at(-1)
  return last ? claim.slice(last.start, last.end) : claim
}

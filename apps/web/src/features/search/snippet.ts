import type { Span } from '@quarry/contracts'

/** A stretch of a passage: as it is, or one of the words that were looked for. */
export interface SnippetPart {
  readonly text: string
  readonly marked: boolean
}

export interface Snippet {
  /** In order; together they are `text.slice(start, end)`. */
  readonly parts: readonly SnippetPart[]
  readonly start: number
  readonly end: number
}

/** Three lines of a result; a passage has up to ten. */
const LENGTH = 300
/** Words before the first match that make it readable. */
const LEAD = 60

const isSpace = (text: string, at: number) => /\s/.test(text.charAt(at))

/** The next start of a word from `at` on, within a word's length; else `at`, moved off the middle of a surrogate pair. */
const wordStart = (text: string, at: number): number => {
  if (at <= 0) return 0
  for (let i = at; i < Math.min(text.length, at + 30); i++) if (isSpace(text, i - 1) && !isSpace(text, i)) return i
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at + 1 : at
}

/** The last end of a word until `at`, within a word's length; else `at`, moved off the middle of a surrogate pair. */
const wordEnd = (text: string, at: number): number => {
  if (at >= text.length) return text.length
  for (let i = at; i > Math.max(0, at - 30); i--) if (isSpace(text, i) && !isSpace(text, i - 1)) return i
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at
}

/** Where the window begins that has the most different matches in it; the first of equals. */
const densest = (spans: readonly Span[], length: number): number => {
  let best = 0
  let most = 0
  spans.forEach(({ start }, i) => {
    const inside = spans.slice(i).filter(({ end }) => end <= start + length).length
    if (inside > most) {
      most = inside
      best = start
    }
  })
  return best
}

/** The part of a passage around its matches, cut between words. A short passage is whole. */
export const snippetOf = (text: string, highlights: readonly Span[], length: number = LENGTH): Snippet => {
  const spans = highlights.filter(({ start, end }) => start < end && start >= 0 && end <= text.length)
  if (text.length <= length) return { parts: partsOf(text, 0, text.length, spans), start: 0, end: text.length }
  const lead = Math.min(LEAD, Math.floor(length / 4))
  const first = densest(spans, length - lead)
  const from = Math.max(0, Math.min(first - lead, text.length - length))
  const start = Math.min(wordStart(text, from), first === 0 ? wordStart(text, from) : first)
  const end = Math.max(wordEnd(text, Math.min(text.length, from + length)), start)
  return { parts: partsOf(text, start, end, spans), start, end }
}

const partsOf = (text: string, start: number, end: number, spans: readonly Span[]): SnippetPart[] => {
  const parts: SnippetPart[] = []
  const push = (from: number, to: number, marked: boolean) => {
    if (from < to) parts.push({ text: text.slice(from, to), marked })
  }
  let at = start
  for (const span of spans) {
    // A word that the window cuts is not marked in half.
    if (span.start < at || span.end > end) continue
    push(at, span.start, false)
    push(span.start, span.end, true)
    at = span.end
  }
  push(at, end, false)
  return parts
}

import type { Span } from '@quarry/contracts'
import type { Language } from '../analyse/language.ts'
import type { Block } from '../parse/parsed-page.ts'
import { sentencesOf, trimmed } from './sentences.ts'

/** What a chunk is made of and is never cut through: a sentence, a row, a line of code. */
export interface Unit extends Span {
  readonly words: number
}

const WORD = /[\p{L}\p{N}]+/gu
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu
/** Words of unspaced scripts have about two characters. */
const CHARACTERS_PER_WORD = 2
/** One “word” of machine text (keys, data) may be as long as a book; this is a long word's length. */
const LONGEST_WORD = 30

export function countWords(text: string): number {
  const unspaced = text.match(UNSPACED)?.length ?? 0
  const spaced = text.replace(UNSPACED, ' ').match(WORD) ?? []
  return unspaced / CHARACTERS_PER_WORD + spaced.reduce((sum, word) => sum + Math.max(1, word.length / LONGEST_WORD), 0)
}

/** The units of a block, none with more than `most` words. */
export function unitsOf(text: string, block: Block, language: Language, most: number): Unit[] {
  const own = text.slice(block.start, block.end)
  const spans =
    block.kind === 'code' || block.kind === 'table' || block.kind === 'furniture'
      ? linesOf(own)
      : block.kind === 'heading'
        ? [{ start: 0, end: own.length }]
        : sentencesOf(own, language)
  return spans.flatMap((span) => sized(text, { start: block.start + span.start, end: block.start + span.end }, most))
}

function linesOf(text: string): Span[] {
  const spans: Span[] = []
  let at = 0
  for (const line of text.split('\n')) {
    const span = trimmed(text, at, at + line.length)
    if (span !== null) spans.push(span)
    at += line.length + 1
  }
  return spans
}

/** Cuts what is too long for one chunk between words, or anywhere where there are none. */
export function sized(text: string, span: Span, most: number): Unit[] {
  const words = countWords(text.slice(span.start, span.end))
  if (words <= most) return [{ ...span, words }]
  const middle = cutNear(text, span)
  return [
    { start: span.start, end: middle },
    { start: middle, end: span.end },
  ].flatMap((half) => {
    const inner = trimmed(text, half.start, half.end)
    return inner === null ? [] : sized(text, inner, most)
  })
}

function cutNear(text: string, { start, end }: Span): number {
  const middle = Math.floor((start + end) / 2)
  const space = text.lastIndexOf(' ', middle)
  if (space > start + (end - start) / 4) return space
  const next = text.indexOf(' ', middle)
  if (next !== -1 && next < end - (end - start) / 4) return next
  return /[\uDC00-\uDFFF]/u.test(text.charAt(middle)) && middle - 1 > start ? middle - 1 : middle
}

import type { Span } from '@quarry/contracts'
import { detectLanguage } from '../../analyse/language.ts'
import { sentencesOf } from '../../chunk/sentences.ts'
import type { PassageView } from '../../answer/tools.ts'
import { wordsOf } from './words.ts'
import type { Words } from './words.ts'

/** What can be quoted: a sentence, a table row or a line of code. */
export interface Unit {
  readonly text: string
  readonly words: Words
  /** A line of a table of contents or an index: it names where something is said, and does not say it. */
  readonly pointer: boolean
  /** A heading: it names what follows. */
  readonly title: boolean
  /** Begins with a pronoun for what the unit before speaks of. */
  readonly continues: boolean
  /** Says what holds "then", so under a condition. */
  readonly conditional: boolean
  /** A table's row: cells stand apart. */
  readonly row: boolean
  /** The heading that it stands under, in the passage or above it; '' for none. */
  readonly under: string
}

export interface PassageUnits {
  readonly passage: PassageView
  readonly units: readonly Unit[]
  readonly whole: Words
  readonly heading: Words
  readonly document: Words
  /** Mostly pointers. */
  readonly pointers: boolean
}

/** Longer "sentences" with line breaks in them are lists, tables or code that lack full stops. */
const LONG_SENTENCE = 280

export function unitsOf(passage: PassageView): PassageUnits {
  const text = passage.text
  const spans = sentencesOf(text, detectLanguage(text)).flatMap((span) =>
    span.end - span.start > LONG_SENTENCE ? lines(text, span) : [span],
  )
  const path = passage.heading.split(' › ')
  const titles = new Set(path.map(plain))
  let under = path.at(-1) ?? ''
  const units = withLeadIns(text, spans).map((span): Unit => {
    const unit = text.slice(span.start, span.end)
    const title =
      titles.has(plain(unit)) || NUMBERED_TITLE.test(unit) || (passage.page === null && standsAlone(text, span))
    if (title) under = unit.replace(/^#+\s*/u, '')
    return {
      text: unit,
      words: wordsOf(unit),
      pointer: isPointer(unit),
      title,
      continues: CONTINUES.test(unit) || CONDITIONAL.test(unit),
      conditional: CONDITIONAL.test(unit),
      row: ROW.test(unit),
      under: title ? '' : under,
    }
  })
  const pointers = units.filter((unit) => unit.pointer).length
  return {
    passage,
    units,
    whole: wordsOf(text),
    heading: wordsOf(passage.heading),
    document: wordsOf(passage.document.replace(/[_/-]|\.\w+$/g, ' ')),
    pointers: (pointers >= 3 && pointers * 2 >= units.length) || isListing(units),
  }
}

/**
 * A short paragraph without the end of a sentence, and a paragraph after it: "Version 4.1.2, 17 March 2026". Not on
 * pages, where captions and labels of figures look the same and the parser has judged by the type.
 */
function standsAlone(text: string, { start, end }: Span): boolean {
  const unit = text.slice(start, end)
  return (
    /^#*\s*[\p{Lu}\p{Lo}\p{N}][^\n]{2,79}$/u.test(unit) &&
    !/[.!?:;,。！？：；|]$|[=<>{}]|^\d+[.)] |^[-*•]/u.test(unit) &&
    (start === 0 || /\n[ \t]*\n[ \t]*$/u.test(text.slice(0, start))) &&
    /^[ \t]*\n\s*\n\s*\S/u.test(text.slice(end)) &&
    !ROW.test(unit)
  )
}

/** Pronouns at the start. */
const CONTINUES =
  /^(?:They|It|He|She|This|These|Those|That|Its|Their|His|Her|Er|Sie|Es|Dies\w*|Il|Elle|Ils|Elles|Cette|它|他|她|其)(?![\p{Script=Latin}])/u
const CONDITIONAL = /^(?:[\p{L}’'-]+ ){0,5}(?:then|dann|alors)\b/iu
const ROW = /\S(?: {2,}|\t)\S|^\s*\|/u
/** "3.4.1 The single line synopsis": section numbers, and no end of a sentence. */
const NUMBERED_TITLE = /^(?:\d+\.)+\d*\s+\p{Lu}[^.!?:]{0,80}$/u
const plain = (text: string) =>
  text
    .replace(/^[#\s\d.]+/u, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase()

function lines(text: string, span: Span): Span[] {
  const found = text.slice(span.start, span.end).matchAll(/\S[^\n]*/gu)
  return [...found].flatMap((match) => {
    const start = span.start + match.index
    return /[\p{L}\p{N}]/u.test(match[0]) ? [{ start, end: start + match[0].trimEnd().length }] : []
  })
}

/** "0-99:" alone says nothing: the term of a definition is quoted with what it introduces. */
function withLeadIns(text: string, spans: readonly Span[]): Span[] {
  const joined: Span[] = []
  let open: Span | null = null
  for (const span of spans) {
    const short = span.end - span.start <= LEAD_IN && /[:：]$/u.test(text.slice(span.start, span.end))
    if (short && open !== null) joined.push(open)
    if (!short) joined.push(open === null ? span : { start: open.start, end: span.end })
    open = short ? span : null
  }
  return open === null ? joined : [...joined, open]
}
/** A term or a number; longer lines with a colon are sentences. */
const LEAD_IN = 40

/** Lines that end in a page number, in the order of the pages (contents) or of the alphabet (index). */
function isListing(units: readonly Unit[]): boolean {
  const entries = units.flatMap(({ text }) => {
    const match = /^\P{L}{0,12}(\p{L})[^=:<>|$€£%]{1,100}?[\s.,]\s*(\d{1,4})$/u.exec(text.replace(/\s+/g, ' ').trim())
    return match ? [{ letter: (match[1] ?? '').toLowerCase(), page: Number(match[2]) }] : []
  })
  if (entries.length < MIN_LISTING || entries.length * 2 < units.length) return false
  const steps = entries.slice(1).map((entry, i) => ({ from: entries[i] ?? entry, to: entry }))
  const rising = steps.filter(({ from, to }) => to.page >= from.page).length
  const alphabetical = steps.filter(({ from, to }) => to.letter >= from.letter).length
  return Math.max(rising, alphabetical) >= steps.length * IN_ORDER
}
/** Fewer lines are in order by chance; a wrapped line breaks the order here and there. */
const MIN_LISTING = 5
const IN_ORDER = 0.9

/** Dot leaders, or a short line of words that ends in page numbers after wide space or commas. */
function isPointer(text: string): boolean {
  if (/(?:\.[ \u00A0]?){5,}|(?:· ?){5,}|…{2,}|(?:\. ){4,}/u.test(text)) return true
  if (/^contents$|^table of contents$|^index$|^目录$/iu.test(text.trim())) return true
  return text.length < 120 && /^[^=:<>|$€£%]*\p{L}[^=:<>|$€£%]*(?:,\s*\d{1,4}){2,}$/u.test(text.trim())
}

import type { Expectation, Question, Term } from './question.ts'
import type { PassageUnits, Unit } from './passage-units.ts'
import { measureOf } from './quantities.ts'
import { contains, containsShortened, isNumber, stem } from './words.ts'
import type { Words } from './words.ts'

/** How well one unit answers the question. */
export interface Evidence {
  readonly passage: PassageUnits
  readonly unit: Unit
  /** Share of the question, by weight, that the unit and its surroundings are about: 0 to 1. */
  readonly coverage: number
  /** Share of the question that the unit itself, what it continues or its heading is about. */
  readonly own: number
  /** A required term is nowhere near. */
  readonly missesRequired: boolean
  /** The unit has a thing of the kind that is asked for, other than what the question says itself. */
  readonly fits: boolean
  /** For ranking units: mostly what the unit itself says. */
  readonly relevance: number
}

/** What a word is worth to coverage and to ranking, by where it stands. */
const PLACES = {
  unit: { coverage: 1, relevance: 1 },
  before: { coverage: 1, relevance: 0.8 },
  next: { coverage: 0.9, relevance: 0.45 },
  near: { coverage: 0.8, relevance: 0.3 },
  heading: { coverage: 0.85, relevance: 0.35 },
  // It names the document, and this is the document.
  document: { coverage: 0.95, relevance: 0.15 },
  passage: { coverage: 0.5, relevance: 0.1 },
  elsewhere: { coverage: 0.4, relevance: 0.05 },
} as const
const FITS_BONUS = 0.3
const POINTER_SHARE = 0.35

/** @param elsewhere what was shown of the same document, this passage included. */
export function weigh(question: Question, passage: PassageUnits, elsewhere: readonly Words[]): Evidence[] {
  return passage.units.map((unit, i) => {
    const next = neighbours(passage, i, 1)
    const near = neighbours(passage, i, 3)
    const header = headerOf(passage, i)
    const before = unit.continues ? passage.units[i - 1] : undefined
    const place = (term: Term): keyof typeof PLACES | null => {
      const has = (words: Words) => contains(words, term.word)
      const measure = measureOf(term.word)
      if (has(unit.words) || (measure?.test(unit.text) ?? false)) return 'unit'
      if (before && has(before.words)) return 'before'
      if (next.some(has)) return 'next'
      if (has(passage.heading) || (header && has(header.words))) return 'heading'
      if (near.some(has)) return 'near'
      if (containsShortened(passage.document, term.word)) return 'document'
      if (has(passage.whole)) return 'passage'
      return elsewhere.some(has) ? 'elsewhere' : null
    }
    let total = 0
    let covered = 0
    let relevance = 0
    let own = 0
    let missesRequired = false
    for (const term of question.terms) {
      const found = place(term)
      total += term.weight
      covered += found ? term.weight * PLACES[found].coverage : 0
      relevance += found ? term.weight * PLACES[found].relevance : 0
      if (found === 'unit' || found === 'before' || found === 'heading') own += term.weight
      if (term.required && found === null) missesRequired = true
    }
    const fits = hasExpected(question, unit)
    const share = total === 0 ? 0 : relevance / total
    const pointer = unit.pointer || (unit.title && !question.asksForTitle) || passage.pointers ? POINTER_SHARE : 1
    return {
      passage,
      unit,
      coverage: total === 0 ? 0 : covered / total,
      own: total === 0 ? 0 : own / total,
      missesRequired,
      fits,
      relevance: (share + (fits && question.expects !== null ? FITS_BONUS : 0)) * pointer * brevity(unit.text),
    }
  })
}

/** The first row of the table that the unit stands in. */
function headerOf(passage: PassageUnits, i: number): Unit | undefined {
  if (!passage.units[i]?.row) return undefined
  let first = i
  while (passage.units[first - 1]?.row) first--
  return first === i ? undefined : passage.units[first]
}

/** A bare heading says nothing, and half a page is no quotation. */
function brevity(text: string): number {
  if (text.length < 12) return 0.6
  return text.length > 500 ? 0.85 : 1
}

const neighbours = (passage: PassageUnits, i: number, distance: number): Words[] =>
  passage.units.slice(Math.max(0, i - distance), i + distance + 1).map((unit) => unit.words)

const NUMBER_WORDS =
  /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundred|thousand|million|once|twice|dozen|half|daily|weekly|monthly|yearly|none)\b|[一二三四五六七八九十百千万两半]/iu
const ORDINAL = /\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|\d{1,2}(?:st|nd|rd|th))\b/iu
const DATE =
  /\b(?:1[0-9]|20)\d{2}\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|noon|midnight|spring|summer|autumn|winter)s?\b|\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?[ap]\.?m\b|\d+ ?[年月日点时]/iu

/** Numbers that only count sections or items. */
const NUMBERING = /^\s*(?:\d+(?:\.\d+)*[.)]?|\(\w\))\s+(?=\p{L})/u

function hasExpected(question: Question, unit: Unit): boolean {
  const kind: Expectation = question.expects
  if (kind === null) return true
  const asked = new Set(question.terms.map((term) => stem(term.word)))
  const text = unit.text.replace(NUMBERING, '')
  if (kind === 'number') {
    const measures = question.terms.flatMap((term) => measureOf(term.word) ?? [])
    if (measures.some((measure) => !measure.test(text))) return false
    const numbers = (text.match(/(?<![\p{L}\p{N}_./-])[-+]?\p{N}[\p{N}.,]*/gu) ?? []).map((number) =>
      stem(number.replace(/^[-+]|[.,]+$/g, '')),
    )
    return numbers.some((number) => !asked.has(number)) || (!question.inDigits && NUMBER_WORDS.test(text))
  }
  if (kind === 'date') {
    const date = DATE.exec(text)
    return ORDINAL.test(text) || (date !== null && !(isNumber(date[0]) && asked.has(stem(date[0]))))
  }
  return namesSomebody(text, asked)
}

/** A first and last name, a title with a name, or a body of people. */
function namesSomebody(text: string, asked: ReadonlySet<string>): boolean {
  if (/\p{Script=Han}/u.test(text)) return true
  if (
    /\b(?:Dr|Mr|Mrs|Ms|Prof|Sir)\b\.? \p{Lu}|\b(?:team|committee|board|group|office|department|council|authority|agency|cooperative|owner|maintainers?|administrators?)\b/u.test(
      text,
    )
  )
    return true
  const names = text.match(/\p{Lu}[\p{L}\p{M}'’-]+ (?:(?:van|von|de|der|la|le|bin|al) )?\p{Lu}[\p{L}\p{M}'’-]+/gu) ?? []
  return names.some(
    (name) =>
      !/^(?:The|A|An|In|On|At|For|Of|To|If|When|This|Each|Every|No|All)\b/u.test(name) &&
      name.split(' ').some((part) => !asked.has(stem(part))),
  )
}

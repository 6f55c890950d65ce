import type { Expectation, Question, Term } from './question.ts'
import type { PassageUnits, Unit } from './passage-units.ts'
import { contains, isNumber, stem } from './words.ts'
import type { Words } from './words.ts'

/** How well one unit answers the question. */
export interface Evidence {
  readonly passage: PassageUnits
  readonly unit: Unit
  /** Share of the question, by weight, that the unit and its surroundings are about: 0 to 1. */
  readonly coverage: number
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
  next: { coverage: 0.9, relevance: 0.45 },
  near: { coverage: 0.8, relevance: 0.3 },
  heading: { coverage: 0.85, relevance: 0.35 },
  document: { coverage: 0.75, relevance: 0.15 },
  passage: { coverage: 0.5, relevance: 0.1 },
} as const
const FITS_BONUS = 0.3
const POINTER_SHARE = 0.35

export function weigh(question: Question, passage: PassageUnits): Evidence[] {
  return passage.units.map((unit, i) => {
    const next = neighbours(passage, i, 1)
    const near = neighbours(passage, i, 3)
    const place = (term: Term): keyof typeof PLACES | null => {
      const has = (words: Words) => contains(words, term.word)
      if (has(unit.words)) return 'unit'
      if (next.some(has)) return 'next'
      if (has(passage.heading)) return 'heading'
      if (near.some(has)) return 'near'
      if (has(passage.document)) return 'document'
      return has(passage.whole) ? 'passage' : null
    }
    let total = 0
    let covered = 0
    let relevance = 0
    let missesRequired = false
    for (const term of question.terms) {
      const found = place(term)
      total += term.weight
      covered += found ? term.weight * PLACES[found].coverage : 0
      relevance += found ? term.weight * PLACES[found].relevance : 0
      if (term.required && (found === null || found === 'passage')) missesRequired = true
    }
    const fits = hasExpected(question, unit)
    const share = total === 0 ? 0 : relevance / total
    const pointer = unit.pointer || passage.pointers ? POINTER_SHARE : 1
    return {
      passage,
      unit,
      coverage: total === 0 ? 0 : covered / total,
      missesRequired,
      fits,
      relevance: (share + (fits && question.expects !== null ? FITS_BONUS : 0)) * pointer * brevity(unit.text),
    }
  })
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
const DATE =
  /\b(?:1[0-9]|20)\d{2}\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|noon|midnight|spring|summer|autumn|winter)s?\b|\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?[ap]\.?m\b|\d+ ?[年月日点时]/iu

function hasExpected(question: Question, unit: Unit): boolean {
  const kind: Expectation = question.expects
  if (kind === null) return true
  const asked = new Set(question.terms.map((term) => stem(term.word)))
  if (kind === 'number') {
    const numbers = (unit.text.match(/\p{N}[\p{N}.,]*/gu) ?? []).map((number) => stem(number.replace(/[.,]+$/, '')))
    return numbers.some((number) => !asked.has(number)) || NUMBER_WORDS.test(unit.text)
  }
  if (kind === 'date') {
    const date = DATE.exec(unit.text)
    return date !== null && !(isNumber(date[0]) && asked.has(stem(date[0])))
  }
  if (/\p{Script=Han}/u.test(unit.text)) return true
  const names = unit.text.match(/(?<![.!?]\s)(?<!^)\b\p{Lu}[\p{L}\p{M}'’-]+/gu) ?? []
  const first = /^\P{L}*(\p{Lu}[\p{L}\p{M}'’-]+ \p{Lu})/u.test(unit.text)
  return first || names.some((name) => !asked.has(stem(name)))
}

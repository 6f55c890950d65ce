import { fitOf } from './expectation.ts'
import type { Question, Term } from './question.ts'
import type { PassageUnits, Unit } from './passage-units.ts'
import { measureOf } from './quantities.ts'
import { creditOf, creditShortened, isNumber, wordsOf } from './words.ts'
import type { Words } from './words.ts'

/** How well one unit answers the question. */
export interface Evidence {
  readonly passage: PassageUnits
  readonly unit: Unit
  /** Share of the question, by weight, that the unit and its surroundings are about: 0 to 1. */
  readonly coverage: number
  /** Share of the question that the unit itself, what it continues or its heading is about. */
  readonly own: number
  /** A number, an identifier or a name that the index does not know is nowhere near. */
  readonly missesRequired: boolean
  /** Share of the question, by weight, in things that no document knows. */
  readonly unknown: number
  /** The unit has a thing of the kind that is asked for, other than what the question says itself: 0 to 1. */
  readonly fit: number
  /** The unit gives the very thing a value that is asked for: "W = 0.9793". */
  readonly exact: boolean
  /** For ranking units: mostly what the unit itself says. */
  readonly relevance: number
}

/** What a word is worth to coverage and to ranking, by where it stands. */
const PLACES = {
  unit: { coverage: 1, relevance: 1 },
  before: { coverage: 1, relevance: 0.8 },
  next: { coverage: 0.9, relevance: 0.45 },
  near: { coverage: 0.8, relevance: 0.3 },
  heading: { coverage: 0.9, relevance: 0.5 },
  // It names the document, and this is the document.
  document: { coverage: 0.95, relevance: 0.15 },
  passage: { coverage: 0.6, relevance: 0.1 },
  elsewhere: { coverage: 0.4, relevance: 0.05 },
} as const
type Place = keyof typeof PLACES

/** Any sum of money is a price, but not of the thing that is asked about. */
const MEASURE_CREDIT = 0.7
/** A heading is about all that stands under it, so says less about one sentence. */
const HEADING_OWN = 0.6
const FIT_BONUS = 0.3
/** Between two lines that are about the same things, the one that gives the thing its value. */
const EXACT_BONUS = 0.08
const POINTER_SHARE = 0.35
/** What holds "then" holds under a condition that stands elsewhere. */
const CONDITIONAL_SHARE = 0.85

/** @param elsewhere what was shown of the same document, this passage included. */
export function weigh(question: Question, passage: PassageUnits, elsewhere: readonly Words[]): Evidence[] {
  const total = question.terms.reduce((sum, term) => sum + term.weight, 0)
  const asked = question.terms.map((term) => term.word)
  const creditsOf = new Map<Words, readonly number[]>()
  const credits = (words: Words): readonly number[] => {
    const known = creditsOf.get(words) ?? question.terms.map(({ word, forms }) => creditOf(words, word, forms))
    creditsOf.set(words, known)
    return known
  }
  const named = question.terms.map(({ word, forms }) => creditShortened(passage.document, word, forms))
  return passage.units.map((unit, i) => {
    const next = neighbours(passage, i, 1)
    const near = neighbours(passage, i, 3)
    const header = headerOf(passage, i)
    const before = unit.continues ? passage.units[i - 1] : undefined
    const under = unit.under === '' ? undefined : wordsOf(unit.under)
    const places: readonly (readonly [Place, readonly (Words | undefined)[]])[] = [
      ['unit', [unit.words]],
      ['before', [before?.words]],
      ['heading', [under, passage.heading, header?.words]],
      ['next', next],
      ['near', near],
      ['passage', [passage.whole]],
      ['elsewhere', elsewhere],
    ]
    /** The place that is worth most to coverage. */
    const find = (term: Term, t: number): { place: Place | null; credit: number } => {
      let best: { place: Place | null; credit: number } = { place: null, credit: 0 }
      const offer = (place: Place, credit: number) => {
        const worth = best.place === null ? 0 : PLACES[best.place].coverage * best.credit
        if (credit * PLACES[place].coverage > worth) best = { place, credit }
      }
      if (measureOf(term.word)?.test(unit.text)) offer('unit', MEASURE_CREDIT)
      for (const [place, at] of places) {
        for (const words of at) if (words) offer(place, credits(words)[t] ?? 0)
        if (best.credit === 1) return best
      }
      offer('document', named[t] ?? 0)
      return best
    }
    let covered = 0
    let relevance = 0
    let own = 0
    let unknown = 0
    let missesRequired = false
    let sought = false
    for (const [t, term] of question.terms.entries()) {
      const { place, credit } = find(term, t)
      if (place !== null) {
        covered += term.weight * credit * PLACES[place].coverage
        relevance += term.weight * credit * PLACES[place].relevance
        if (place === 'unit' && term.sought && credit === 1) sought = true
        if (place === 'unit' || place === 'before') own += term.weight * credit
        if (place === 'heading') own += term.weight * credit * HEADING_OWN
      }
      if (place !== null) continue
      if (term.unknown) unknown += term.weight
      if (term.required && (term.unknown || isNumber(term.word))) missesRequired = true
    }
    const fit = Math.max(
      fitOf(question.expects, unit.text, asked),
      question.expects === 'number' || question.asksForTitle ? fitOf(question.expects, unit.under, asked) : 0,
    )
    const exact = sought && question.expects !== null && fit === 1
    const share = total === 0 ? 0 : relevance / total + (exact ? EXACT_BONUS : 0)
    const pointer = unit.pointer || (unit.title && !question.asksForTitle) || passage.pointers ? POINTER_SHARE : 1
    const whole = unit.conditional ? CONDITIONAL_SHARE : 1
    return {
      passage,
      unit,
      coverage: total === 0 ? 0 : covered / total,
      own: total === 0 ? 0 : own / total,
      missesRequired,
      unknown: total === 0 ? 0 : unknown / total,
      fit,
      exact,
      relevance: (share + (question.expects === null ? 0 : FIT_BONUS * fit)) * pointer * whole * brevity(unit.text),
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

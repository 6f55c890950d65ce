import type { PassageView } from '../../answer/tools.ts'
import { weigh } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { unitsOf } from './passage-units.ts'
import type { PassageUnits } from './passage-units.ts'
import type { Question } from './question.ts'

export interface Quote {
  readonly label: string
  readonly document: string
  readonly page: number | null
  /** The heading that it stands under; '' where there is none. */
  readonly under: string
  readonly text: string
}

export interface Selection {
  /** Most relevant first; empty when nothing answers the question. */
  readonly quotes: readonly Quote[]
  /** Label of the passage that comes nearest, answer or not, where it is at least about the question. */
  readonly nearestLabel: string | null
  /** Its best unit, when it is not a mere heading. */
  readonly nearest: Quote | null
}

/**
 * The strength that an answer needs (23 November 2026): set on the questions in calibration/, then moved down to the
 * point where 200 questions each of XQuAD-en, -de and -zh are answered in about 13 % of cases with their document taken
 * away. Lower answers what is not there, higher keeps silent too often. Other languages lose words that only English
 * synonyms and verbs are known for.
 */
const ENOUGH = { english: 0.58, other: 0.5 } as const
/**
 * The best of many passages has more of a question's words by chance, and grows with ln n: from XQuAD's 240 passages to
 * the 2,600 of NQ-open.
 */
const ENOUGH_GROWTH = 0.055
const GROWS_FROM = 240
/** What the unit itself says weighs more than what stands around it. */
const OWN_SHARE = 0.2
/** Less, and the unit only stands beside what is about the question. */
const LEAST_OWN = 0.2
/** A thing that the question names and no document has. Elsewhere it may be a compound that is written otherwise. */
const UNKNOWN_THING = 0.1
/** A line that gives the very thing its value says it by itself, with little around it. */
const EXACT_THING = 0.05
/** Half of the question, by weight: enough to be pointed at, not to be an answer. */
const ABOUT_COVERAGE = 0.5
/** A second quotation must be nearly as good as the first, or it only hides it. */
const CLOSE_TO_BEST = 0.92
const MAX_QUOTES = 3
/** A rank further down weighs little, or the ranking would choose the sentence. */
const RANK_STEP = 0.008
/** Where a text exists with and without pages, the page helps the reader to check. */
const PAGED = 1.03
/** Longer is no longer a quotation, and must fit a citation marker. */
const MAX_CHARS = 600

/** The one to three units that answer the question best, of all passages shown. */
export function selectQuotes(question: Question, passages: readonly PassageView[]): Selection {
  const read = passages.map(unitsOf)
  const all = read.flatMap((passage, rank) =>
    // The search ranked them: a hint among units that are alike.
    weigh(question, passage, wordsOfDocument(read, passage.passage.document)).map((evidence) => ({
      ...evidence,
      relevance: evidence.relevance * (1 - rank * RANK_STEP) * (passage.passage.page === null ? 1 : PAGED),
    })),
  )
  const ranked = all.toSorted((a, b) => b.relevance - a.relevance)
  const enough = enoughFor(question)
  const answers = ranked.filter((evidence) => strengthOf(question, evidence) >= enough)
  const best = answers[0]
  if (!best) {
    const near = ranked.find(({ coverage, missesRequired }) => coverage >= ABOUT_COVERAGE && !missesRequired)
    const worth = near && !near.unit.title && !near.unit.pointer && !near.passage.pointers
    return { quotes: [], nearestLabel: near?.passage.passage.label ?? null, nearest: worth ? quoteOf(near) : null }
  }
  const quotes: Quote[] = []
  const seen = new Set<string>()
  for (const evidence of answers) {
    if (quotes.length === MAX_QUOTES || evidence.relevance < best.relevance * CLOSE_TO_BEST) break
    const same = evidence.unit.text.replace(/\s+/g, ' ')
    if (seen.has(same)) continue
    seen.add(same)
    quotes.push(quoteOf(evidence))
  }
  return { quotes, nearestLabel: best.passage.passage.label, nearest: null }
}

function quoteOf({ unit, passage }: Evidence): Quote {
  const { label, document, page } = passage.passage
  return { label, document, page, under: unit.under, text: unit.text.slice(0, MAX_CHARS).trim() }
}

const wordsOfDocument = (read: readonly PassageUnits[], document: string) =>
  read.filter(({ passage }) => passage.document === document).map(({ whole }) => whole)

/** How sure it is that the unit answers the question, 0 to 1; 0 for what cannot be an answer. */
export function strengthOf(question: Question, evidence: Evidence): number {
  const { coverage, own, missesRequired, unknown, fit, exact, unit, passage } = evidence
  if (question.terms.length === 0 || missesRequired || fit === 0) return 0
  if (unit.pointer || (unit.title && !question.asksForTitle) || passage.pointers) return 0
  // A sentence speaks for itself; a table's row or a line of code leans on what stands around it.
  const sentence = /[.!?。！？]["”’)]*$/u.test(unit.text) && !unit.row
  if (sentence && own < LEAST_OWN) return 0
  const covered = sentence ? (1 - OWN_SHARE) * coverage + OWN_SHARE * own : coverage
  return covered + (exact ? EXACT_THING : 0) - (unknown > 0 && question.english ? UNKNOWN_THING : 0)
}

export function enoughFor(question: Question): number {
  const base = question.english ? ENOUGH.english : ENOUGH.other
  return base + ENOUGH_GROWTH * Math.max(0, Math.log(question.searched / GROWS_FROM))
}

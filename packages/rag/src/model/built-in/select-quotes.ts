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

/** Measured on the calibration set beside this file: lower answers what is not there, higher keeps silent too often. */
const ENOUGH_COVERAGE = 0.75
/** A sentence speaks for itself; a table row or a line of code leans on what stands around it. */
const ENOUGH_OWN = 0.2
/** Half of the question, by weight: enough to be pointed at, not to be an answer. */
const ABOUT_COVERAGE = 0.5
/** A second quotation must be nearly as good as the first. */
const CLOSE_TO_BEST = 0.85
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
  const answers = ranked.filter((evidence) => answersIt(question, evidence))
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
  return { label, document, page, text: unit.text.slice(0, MAX_CHARS).trim() }
}

const wordsOfDocument = (read: readonly PassageUnits[], document: string) =>
  read.filter(({ passage }) => passage.document === document).map(({ whole }) => whole)

function answersIt(question: Question, { coverage, own, missesRequired, fits, unit, passage }: Evidence): boolean {
  if (question.terms.length === 0 || missesRequired || !fits) return false
  if (unit.pointer || (unit.title && !question.asksForTitle) || passage.pointers) return false
  const sentence = /[.!?。！？]["”’)]*$/u.test(unit.text) && !unit.row
  return coverage >= ENOUGH_COVERAGE && (!sentence || own >= ENOUGH_OWN)
}

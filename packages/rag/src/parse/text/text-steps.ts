import type { ReadStep } from '../parsed-page.ts'
import { sectionsOf, type Piece } from '../sections.ts'

/** Sections of a text, the first with a warning when its encoding was `guessed`: it holds for the whole file. */
export function* stepsOfText(pieces: Iterable<Piece>, guessed: boolean): Generator<ReadStep> {
  for (const page of sectionsOf(pieces))
    yield { page, pageCount: null, ...(guessed && page.ordinal === 1 ? { warning: 'encoding_guessed' as const } : {}) }
}

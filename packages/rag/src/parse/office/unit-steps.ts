import { ParseFailure, type ParsedPage, type ReadStep } from '../parsed-page.ts'
import { sectionCutter, type Piece } from '../sections.ts'

/** A part of a file that stands and breaks by itself: a sheet, a slide, a chapter. */
export interface Unit {
  readonly label?: string
  /** May end early by `damaged`; `truncated` says that the rest is left out for its length. */
  readonly pieces: AsyncIterable<Piece | 'truncated'> | Iterable<Piece | 'truncated'>
}

/** 15,000 printed pages; of more text, only so much is read. It bounds what an archive can make of few bytes. */
const MOST_CHARACTERS = 50_000_000

/**
 * The sections of a file made of units, each unit in sections of its own. Of a damaged unit there is what came before
 * the damage, in a section that may be empty, with a warning.
 * @param hasPictures tells a file of nothing but pictures from an empty one.
 * @throws ParseFailure `damaged` when no unit could be read; `empty`, `no_text`; what else reading says
 */
export async function* stepsOf(
  units: AsyncIterable<Unit> | Iterable<Unit>,
  hasPictures: boolean,
): AsyncGenerator<ReadStep> {
  const cutter = sectionCutter()
  let damage: ParseFailure | null = null
  let hasText = false
  let left = MOST_CHARACTERS
  for await (const unit of units) {
    if (left <= 0) break
    // Every unit ends its own section: none is open here, and this only names the next.
    yield* [...cutter.end(unit.label)].map(stepOf)
    let warning: ReadStep['warning']
    try {
      for await (const piece of unit.pieces) {
        if (piece === 'truncated') warning = 'truncated'
        else {
          yield* [...cutter.add(piece)].map(stepOf)
          left -= piece.text.length
        }
        hasText = true
        if (left > 0) continue
        warning = 'truncated'
        break
      }
    } catch (error) {
      if (!(error instanceof ParseFailure) || error.code !== 'damaged') throw error
      damage ??= error
      warning = 'page_unreadable'
    }
    let last = [...cutter.end(unit.label)]
    if (last.length === 0 && warning !== undefined) last = [cutter.blank()]
    for (const page of last) yield warning === undefined ? stepOf(page) : { ...stepOf(page), warning }
  }
  if (hasText) return
  throw damage ?? new ParseFailure(hasPictures ? 'no_text' : 'empty')
}

const stepOf = (page: ParsedPage): ReadStep => ({ page, pageCount: null })

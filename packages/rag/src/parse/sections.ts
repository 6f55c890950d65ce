import { trimmed } from '../chunk/sentences.ts'
import type { Block, BlockKind, ParsedPage } from './parsed-page.ts'

/** A block of a format without pages, before it has a place in a section. */
export interface Piece {
  readonly kind: BlockKind
  readonly level?: number
  readonly text: string
}

/** A section is what the viewer loads at once, and what a citation names: about three printed pages. */
const SECTION_CHARACTERS = 8000
/** From here on a section ends before the next heading rather than in the middle of what follows it. */
const ENOUGH_BEFORE_HEADING = 3000

/** Cuts a document without pages into sections, at headings where possible, else between paragraphs. */
export function* sectionsOf(pieces: Iterable<Piece>): Generator<ParsedPage> {
  let text = ''
  let blocks: Block[] = []
  let ordinal = 0
  const close = (): ParsedPage => {
    ordinal++
    const section: ParsedPage = { ordinal, page: null, text, width: null, height: null, boxes: [], blocks }
    text = ''
    blocks = []
    return section
  }
  for (const piece of pieces) {
    for (const part of partsOf(piece)) {
      const ends =
        text.length + part.text.length + 2 > SECTION_CHARACTERS ||
        (part.kind === 'heading' && text.length >= ENOUGH_BEFORE_HEADING)
      if (text !== '' && ends) yield close()
      if (text !== '') text += '\n\n'
      const { text: own, ...shape } = part
      blocks.push({ ...shape, start: text.length, end: text.length + own.length })
      text += own
    }
  }
  if (text !== '') yield close()
}

/** Breaks a piece that is longer than a section: after a line, a sentence, a word, or anywhere. */
function* partsOf(piece: Piece): Generator<Piece> {
  let from = 0
  while (piece.text.length - from > SECTION_CHARACTERS) {
    const window = piece.text.slice(from, from + SECTION_CHARACTERS)
    const end = from + (cutIn(window) ?? wholeCharacters(window))
    const span = trimmed(piece.text, from, end)
    if (span !== null) yield { ...piece, text: piece.text.slice(span.start, span.end) }
    from = end
  }
  const span = trimmed(piece.text, from, piece.text.length)
  if (span !== null) yield { ...piece, text: piece.text.slice(span.start, span.end) }
}

/** Only in the second half: a short first part is worse than a cut in the middle of a line. */
function cutIn(window: string): number | null {
  for (const mark of ['\n', '. ', '。', ' ']) {
    const at = window.lastIndexOf(mark)
    if (at > window.length / 2) return at + mark.length
  }
  return null
}

const wholeCharacters = (window: string) => (/[\uD800-\uDBFF]$/u.test(window) ? window.length - 1 : window.length)

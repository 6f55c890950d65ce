import { trimmed } from '../chunk/sentences.ts'
import type { Block, BlockKind, ParsedPage } from './parsed-page.ts'

/** A block of a format without pages, before it has a place in a section. */
export interface Piece {
  readonly kind: BlockKind
  readonly level?: number
  /** Names of what encloses it, outermost first, as a class and its method; they are no titles of the page. */
  readonly under?: readonly string[]
  readonly text: string
}

/** A section is what the viewer loads at once, and what a citation names: about three printed pages. */
const SECTION_CHARACTERS = 8000
/** From here on a section ends before the next heading rather than in the middle of what follows it. */
const ENOUGH_BEFORE_HEADING = 3000

/** Cuts a document without pages into sections, at headings where possible, else between paragraphs. */
export function* sectionsOf(pieces: Iterable<Piece>): Generator<ParsedPage> {
  const cutter = sectionCutter()
  for (const piece of pieces) yield* cutter.add(piece)
  yield* cutter.end()
}

/** `sectionsOf` for pieces that come one by one, and for formats whose sections have names. */
export interface SectionCutter {
  /** Sections that are complete now. */
  add(piece: Piece): Generator<ParsedPage>
  /** Ends the open section, if there is one. What follows gets `label`, in sections of its own. */
  end(label?: string): Generator<ParsedPage>
  /** A section of which nothing can be read; it holds the place. Only when none is open. */
  blank(): ParsedPage
}

export function sectionCutter(): SectionCutter {
  let text = ''
  let blocks: Block[] = []
  let ordinal = 0
  let name: string | undefined
  const close = (): ParsedPage => {
    ordinal++
    const section: ParsedPage = { ordinal, page: null, text, width: null, height: null, boxes: [], blocks }
    text = ''
    blocks = []
    return name === undefined ? section : { ...section, label: name }
  }
  return {
    *add(piece) {
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
    },
    *end(label) {
      if (text !== '') yield close()
      name = label
    },
    blank: close,
  }
}

/**
 * Breaks a piece that is longer than a section: after a line, a sentence, a word, or anywhere. A table's header stands
 * over each of its parts, so that a row means the same wherever it is read.
 */
function* partsOf(piece: Piece): Generator<Piece> {
  let from = 0
  const head = headerOf(piece)
  const part = (end: number): Piece | null => {
    const span = trimmed(piece.text, from, end)
    if (span === null) return null
    // A first line of code keeps its margin.
    const margin = piece.kind === 'code' ? piece.text.slice(from, span.start) : ''
    const start = piece.kind === 'code' ? from + margin.lastIndexOf('\n') + 1 : span.start
    return { ...piece, text: (from > 0 ? head : '') + piece.text.slice(start, span.end) }
  }
  while (piece.text.length - from > SECTION_CHARACTERS - head.length) {
    const window = piece.text.slice(from, from + SECTION_CHARACTERS - head.length)
    const end = from + (cutIn(window) ?? wholeCharacters(window))
    const next = part(end)
    if (next !== null) yield next
    from = end
  }
  const last = part(piece.text.length)
  if (last !== null) yield last
}

/** A wider one would leave too little room for rows. */
const LONGEST_HEADER = 1000

/** The line that is to be repeated over the parts of a table, with its line break; '' when there is none. */
function headerOf({ kind, text }: Piece): string {
  if (kind !== 'table') return ''
  const end = text.indexOf('\n') + 1
  const line = text.slice(0, end)
  // Tables of plain text are parted by spaces, and as often have no header.
  return end > 0 && end <= LONGEST_HEADER && line.includes(' | ') ? line : ''
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

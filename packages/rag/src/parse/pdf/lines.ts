import { isUnspaced } from '../characters.ts'
import { SEGMENT_GAP, type Row } from './rows.ts'
import type { Word } from './words.ts'

/** A word in its line, with the space that belongs in front of it. */
export interface Placed {
  readonly word: Word
  readonly before: string
}

export interface Line {
  readonly words: readonly Placed[]
  readonly text: string
  readonly x0: number
  readonly x1: number
  readonly y: number
  readonly size: number
  readonly bold: boolean
  readonly mono: boolean
  /** Cells: more than one where gaps are too wide for spaces. */
  readonly cells: number
}

/** Wider gaps (in ems) than this part the cells of a table; .16 em is the narrowest space that fonts have. */
const CELL_GAP = 1.6
const SPACE_GAP = 0.16
const CELL_SEPARATOR = '  '
/** Dots from a title to its page number; three are an ellipsis. */
const LEADER = /^[.·…]+$/u
const LEADER_DOTS = 4
/** Indentation is kept in code up to this many characters. */
const WIDEST_CODE_GAP = 40

/** The text of a row; null when it is nothing but leaders. */
export function lineOf(row: Row): Line | null {
  const ordered = row.segments.flatMap((segment) => segment.words)
  const share = (keep: (word: Word) => boolean) => {
    const widths = ordered.map((word) => (keep(word) ? word.x1 - word.x0 : 0))
    return widths.reduce((sum, width) => sum + width, 0) / ordered.reduce((sum, word) => sum + word.x1 - word.x0, 0)
  }
  const rtl = share((word) => word.rtl) > 0.5
  // Glyphs of one width are code only where letters have several: ideographs never do.
  const mono = share((word) => word.mono && !isUnspaced(word.text)) > 0.75
  const words: Placed[] = []
  let cells = 1
  let previous: Word | undefined
  const shown = withoutLeaders(rtl ? ordered.toReversed() : ordered)
  // One gap that no space makes says that the row has cells, and that its narrower gaps part cells too.
  const cellGap = shown.some((word, i) => i > 0 && gap(shown[i - 1] ?? word, word, rtl) > CELL_GAP * word.size)
    ? SEGMENT_GAP
    : CELL_GAP
  for (const word of shown) {
    if (previous === undefined) words.push({ word, before: '' })
    else {
      const before = separator(previous, word, rtl, mono, cellGap)
      if (gap(previous, word, rtl) > cellGap * word.size) cells++
      words.push({ word, before })
    }
    previous = word
  }
  const [first] = words
  if (first === undefined) return null
  return {
    words,
    text: words.map((placed) => placed.before + placed.word.text).join(''),
    x0: Math.min(...words.map(({ word }) => word.x0)),
    x1: Math.max(...words.map(({ word }) => word.x1)),
    y: row.y,
    size: row.size,
    bold: share((word) => word.bold) > 0.9,
    mono,
    cells,
  }
}

function withoutLeaders(words: readonly Word[]): Word[] {
  const kept: Word[] = []
  for (let i = 0; i < words.length;) {
    let end = i
    let dots = 0
    for (let word = words[end]; word !== undefined && LEADER.test(word.text); word = words[++end])
      dots += word.text.length
    const word = words[i]
    // Short ones count where nothing but a page number follows.
    const short = dots >= 2 && end === words.length - 1 && /^\d+$/u.test(words[end]?.text ?? '')
    if (dots >= LEADER_DOTS || short) i = end
    else if (word !== undefined) {
      kept.push(word)
      i++
    }
  }
  return kept
}

const gap = (previous: Word, word: Word, rtl: boolean) => (rtl ? previous.x0 - word.x1 : word.x0 - previous.x1)

function separator(previous: Word, word: Word, rtl: boolean, mono: boolean, cellGap: number): string {
  const size = Math.max(previous.size, word.size)
  const width = gap(previous, word, rtl)
  const unspaced = isUnspaced(previous.text.at(-1) ?? '') && isUnspaced(word.text.charAt(0))
  if (unspaced) return width > cellGap * size ? CELL_SEPARATOR : width > 0.7 * size ? ' ' : ''
  if (mono && word.mono && width > 0) {
    const character = (word.x1 - word.x0) / word.text.length
    const spaces = Math.round(width / character)
    if (spaces > 0) return ' '.repeat(Math.min(spaces, WIDEST_CODE_GAP))
  }
  if (width > cellGap * size) return CELL_SEPARATOR
  if (width > SPACE_GAP * size || (word.spaced && width > -0.1 * size)) return ' '
  // A raised number behind a word is a note's, not the word's.
  const raised = word.size < 0.85 * previous.size && word.y < previous.y - 0.1 * previous.size
  return raised && /^\p{N}+$/u.test(word.text) && /(?:\p{L}{2}|[.,;:!?)\]”’"])$/u.test(previous.text) ? ' ' : ''
}

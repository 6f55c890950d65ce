import type { Piece } from '../../sections.ts'
import { rowText } from '../../table-text.ts'
import { tidyLine } from '../tidy.ts'
import type { MergedCells } from './merged-cells.ts'
import type { SheetCell, SheetRow } from './sheet-rows.ts'

/** Wider gaps between two cells of a row are layout, not columns that happen to be empty. */
const WIDEST_GAP = 30
/** A table is given in parts of so many characters, the header over each: one part fills a section. */
const PART_CHARACTERS = 7_000
/** A wider header would leave too little room for rows. */
const LONGEST_HEADER = 1_000

/** So many rows of a single cell in a row are a column of values, no longer titles. */
const MOST_TITLES = 3

/**
 * The rows of a sheet as tables: a blank row ends one. Rows of a single cell before a table are its title and remarks,
 * given as paragraphs. The first row of nothing but text is the header; a table that starts with numbers goes on under
 * the header of the one above.
 */
export function sheetPieces(merged: MergedCells) {
  let header = ''
  let lines: string[] = []
  let length = 0
  let last = 0
  let alone: string[] = []
  /** The first row of a table waits for the second: the two tell at which column it starts. */
  let first: ReadonlyMap<number, SheetCell> | null = null
  let margin = 0

  const push = (line: string) => {
    lines.push(line)
    length += line.length + 1
  }
  const endTitles = function* (): Generator<Piece> {
    for (const text of alone) yield { kind: 'paragraph', text }
    alone = []
  }
  const endPart = function* (): Generator<Piece> {
    if (lines.length > 0) yield { kind: 'table', text: lines.join('\n') }
    lines = []
    length = 0
  }
  const startTable = (second: ReadonlyMap<number, SheetCell> | null) => {
    if (first === null) return
    margin = Math.min(firstColumn(first), second === null ? Infinity : firstColumn(second))
    const line = lineOf(first, margin)
    if ([...first.values()].every((cell) => cell.isText)) header = line.length <= LONGEST_HEADER ? line : ''
    else if (header !== '') push(header)
    push(line)
    first = null
  }
  const end = function* (): Generator<Piece> {
    startTable(null)
    yield* endPart()
    yield* endTitles()
  }

  return {
    *add(row: SheetRow): Generator<Piece> {
      if (row.number > last + 1 && !merged.covers(last + 1)) yield* end()
      last = row.number
      const cells = merged.filled(row)
      const isOpen = first !== null || lines.length > 0
      if (!isOpen && cells.size === 1 && alone.length < MOST_TITLES) {
        alone.push(tidyLine([...cells.values()][0]?.text ?? ''))
        return
      }
      if (!isOpen && cells.size === 1) {
        for (const text of alone.splice(0)) push(text)
        margin = firstColumn(cells)
        header = ''
      } else if (!isOpen) {
        yield* endTitles()
        first = cells
        return
      }
      startTable(cells)
      const line = lineOf(cells, margin)
      if (length + line.length > PART_CHARACTERS) {
        yield* endPart()
        if (header !== '') push(header)
      }
      push(line)
    },
    end,
  }
}

const firstColumn = (cells: ReadonlyMap<number, SheetCell>) => cells.keys().next().value ?? 0

/** @param margin the column that the table starts at. */
function lineOf(cells: ReadonlyMap<number, SheetCell>, margin: number): string {
  const line: string[] = []
  let before = margin - 1
  for (const [column, { text }] of cells) {
    const gap = column - before - 1
    if (gap <= WIDEST_GAP) for (let i = 0; i < gap; i++) line.push('')
    line.push(tidyLine(text))
    before = column
  }
  return rowText(line)
}

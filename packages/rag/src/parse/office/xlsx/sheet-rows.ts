import type { XmlHandler } from '../xml-events.ts'
import type { CellFormat } from './cell-format.ts'

export interface SheetRow {
  /** 1-based, as the spreadsheet counts. */
  readonly number: number
  /** Cells that hold something, by column (0-based), left to right. */
  readonly cells: ReadonlyMap<number, SheetCell>
}

export interface SheetCell {
  readonly text: string
  /** Not a number or a date: what titles of columns are. */
  readonly isText: boolean
}

export interface RowSources {
  readonly string: (index: number) => string | null
  readonly format: (style: number) => CellFormat
}

/** Excel's own limits (XFD1048576); cells that claim to stand outside count on from the one before. */
const MOST_COLUMNS = 16_384
const MOST_ROWS = 1_048_576
const LONGEST_CELL = 32_767
/** Excel writes control characters as `_x000D_` (ECMA-376 part 1, 22.9.2.19). */
const ESCAPED = /_x([0-9A-Fa-f]{4})_/gu

/**
 * Reads `<sheetData>` row by row. What the sheet claims of its size is not looked at: only cells that are there cost
 * anything. Formulas give the value that was calculated when the file was saved.
 */
export function rowHandler(sources: RowSources, emit: (row: SheetRow) => void): XmlHandler {
  let number = 0
  let cells = new Map<number, SheetCell>()
  let column = -1
  let type = 'n'
  let style = 0
  let value = ''
  let inValue = false
  let inPhonetic = false

  const endCell = () => {
    const cell = cellOf(type, value, style, sources)
    if (cell !== null) cells.set(column, cell)
  }

  return {
    open(name, { r, t, s }) {
      if (name === 'row') {
        const claimed = Number(r)
        number = Number.isInteger(claimed) && claimed > number && claimed <= MOST_ROWS ? claimed : number + 1
        cells = new Map()
        column = -1
      } else if (name === 'c') {
        const claimed = columnOf(r)
        column = claimed !== null && claimed > column ? claimed : column + 1
        type = t ?? 'n'
        style = Number(s ?? '0')
        value = ''
      } else if (name === 'v' || name === 't') inValue = true
      else if (name === 'rPh') inPhonetic = true
    },
    text(text) {
      if (inValue && !inPhonetic && value.length < LONGEST_CELL) value += text.slice(0, LONGEST_CELL)
    },
    close(name) {
      if (name === 'v' || name === 't') inValue = false
      else if (name === 'rPh') inPhonetic = false
      else if (name === 'c') endCell()
      else if (name === 'row' && cells.size > 0) emit({ number, cells })
    },
  }
}

function cellOf(type: string, value: string, style: number, { string, format }: RowSources): SheetCell | null {
  switch (type) {
    case 's': {
      const text = value === '' ? null : string(Number(value))
      return text === null || text.trim() === '' ? null : { text: unescaped(text), isText: true }
    }
    case 'b':
      return value === '' ? null : { text: value === '1' ? 'TRUE' : 'FALSE', isText: false }
    case 'd':
      return value === ''
        ? null
        : { text: value.replace('T', ' ').replace(/ 00:00:00(?:\.0+)?Z?$/u, ''), isText: false }
    case 'n': {
      const number = value.trim() === '' ? Number.NaN : Number(value)
      if (Number.isNaN(number)) return value.trim() === '' ? null : { text: value, isText: true }
      return { text: format(style)(number), isText: false }
    }
    default:
      // Text in the cell, the text of a formula, an error such as #N/A.
      return value.trim() === '' ? null : { text: unescaped(value), isText: true }
  }
}

const unescaped = (text: string) =>
  text.includes('_x')
    ? text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))).toWellFormed()
    : text

/** The column of a reference such as `AB12`, 0-based; null when there is none. */
export function columnOf(reference: string | undefined): number | null {
  let column = 0
  for (const letter of reference ?? '') {
    const value = letter.charCodeAt(0) - 64
    if (value < 1 || value > 26) break
    column = column * 26 + value
    if (column > MOST_COLUMNS) return null
  }
  return column === 0 ? null : column - 1
}

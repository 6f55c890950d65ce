import type { Piece } from '../sections.ts'
import { rowText } from '../table-text.ts'

/** Wider spans are a mistake or an attack; empty cells are made for them. */
const WIDEST_SPAN = 20
/** What a cell merged downwards repeats in each of its rows: names and dates, not texts. */
const LONGEST_REPEATED = 80
/** A table whose cells hold this much lays a page out in columns; it has no rows that anybody would quote. */
const LONGEST_CELL = 2000
/** A table is given in parts of so many rows, the header over each: what is held does not grow with the file. */
const MOST_ROWS = 500

interface Cell {
  readonly pieces: Piece[]
  columns: number
  continues: boolean
}

/** A table of a text document while it is read: what its cells hold, until its end tells what kind of table it is. */
export class TableBuilder {
  #rows: Cell[][] = []
  #header: string | null = null
  #above: string[] = []

  openRow(): void {
    this.#rows.push([])
  }

  openCell(): void {
    if (this.#rows.length === 0) this.openRow()
    this.#rows.at(-1)?.push({ pieces: [], columns: 1, continues: false })
  }

  /** The open cell spans columns. */
  widen(columns: number): void {
    const cell = this.#cell
    if (cell !== undefined && columns > 1) cell.columns = Math.min(WIDEST_SPAN, columns)
  }

  /** The open cell is merged with the one above. */
  continueAbove(): void {
    const cell = this.#cell
    if (cell !== undefined) cell.continues = true
  }

  add(piece: Piece): void {
    if (this.#cell === undefined) this.openCell()
    this.#cell?.pieces.push(piece)
  }

  get #cell(): Cell | undefined {
    return this.#rows.at(-1)?.at(-1)
  }

  /** What is complete of a long table. */
  full(): Piece[] {
    return this.#rows.length < MOST_ROWS ? [] : this.#take()
  }

  end(): Piece[] {
    return this.#take()
  }

  /** A table of data is one piece, a row per line; what a layout holds comes cell by cell. */
  #take(): Piece[] {
    const rows = this.#rows
    this.#rows = []
    const isLayout = rows.every((row) => row.length <= 1) || rows.some((row) => row.some(isLongCell))
    if (isLayout) return rows.flatMap((row) => row.flatMap((cell) => cell.pieces))
    const lines = rows.map((row) => this.#line(row)).filter((line) => line !== '')
    if (lines.length === 0) return []
    const header = this.#header
    this.#header ??= lines[0] ?? null
    return [{ kind: 'table', text: (header === null ? lines : [header, ...lines]).join('\n') }]
  }

  #line(row: readonly Cell[]): string {
    const line: string[] = []
    for (const { pieces, columns, continues } of row) {
      const above = this.#above[line.length] ?? ''
      const own = pieces.map((piece) => piece.text).join(' ')
      line.push(continues && own === '' && above.length <= LONGEST_REPEATED ? above : own)
      for (let i = 1; i < columns; i++) line.push('')
    }
    this.#above = line
    return rowText(line)
  }
}

const isLongCell = ({ pieces }: Cell) =>
  pieces.some(({ kind }) => kind === 'heading') || pieces.reduce((sum, { text }) => sum + text.length, 0) > LONGEST_CELL

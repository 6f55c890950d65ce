import { rowText } from '../table-text.ts'
import { Sink, type HtmlPiece } from './sink.ts'

/** Wider spans are a mistake or an attack; empty cells are made for them. */
const WIDEST_SPAN = 20
const LONGEST_SPAN = 1000
/** What a tall cell repeats in the rows below: names and dates, not texts. */
const LONGEST_REPEATED = 80
const MOST_REPEATED_COLUMNS = 64
/** A page whose cells hold this much lays text out in columns; it has no rows that anybody would quote. */
const LONGEST_CELL = 2000

interface Cell {
  readonly sink: Sink
  readonly columns: number
  readonly rows: number
}

/** A table that is being read: cells with what they hold, until its end tells what it is. */
export class OpenTable {
  #rows: Cell[][] = []
  #isLayout: boolean

  constructor(isLayout: boolean) {
    this.#isLayout = isLayout
  }

  openRow(): void {
    this.#rows.push([])
  }

  /** @returns where the cell's text goes. */
  openCell(colspan: string | undefined, rowspan: string | undefined): Sink {
    if (this.#rows.length === 0) this.openRow()
    const sink = new Sink()
    this.#rows.at(-1)?.push({ sink, columns: spanOf(colspan, WIDEST_SPAN), rows: spanOf(rowspan, LONGEST_SPAN) })
    return sink
  }

  /** Only a table that lays a page out holds another one. */
  holdsTable(): void {
    this.#isLayout = true
  }

  /** A table of data is one piece, a row per line; what a layout holds comes cell by cell. */
  pieces(budget: RepeatBudget): HtmlPiece[] {
    const contents = this.#rows.map((row) => row.map((cell) => cell.sink.end()))
    const isLayout =
      this.#isLayout ||
      contents.every((row) => row.length <= 1) ||
      contents.some((row) =>
        row.some(
          (cell) =>
            cell.some(({ kind }) => kind === 'heading') ||
            cell.reduce((sum, { text }) => sum + text.length, 0) > LONGEST_CELL,
        ),
      )
    if (isLayout) return contents.flat(2)
    const lines = this.#lines(contents, budget).filter((line) => line !== '')
    return lines.length === 0 ? [] : [{ kind: 'table', text: lines.join('\n'), linked: linkedOf(contents.flat(2)) }]
  }

  #lines(contents: readonly HtmlPiece[][][], budget: RepeatBudget): string[] {
    const tall = new Map<number, { text: string; left: number }>()
    return this.#rows.map((row, r) => {
      const line: string[] = []
      const fillTall = () => {
        for (let above = tall.get(line.length); above !== undefined; above = tall.get(line.length)) {
          if (--above.left === 0) tall.delete(line.length)
          line.push(budget.take(above.text))
        }
      }
      for (const [c, cell] of row.entries()) {
        fillTall()
        const text = (contents[r]?.[c] ?? []).map((piece) => piece.text).join(' ')
        if (cell.rows > 1 && text.length <= LONGEST_REPEATED && line.length < MOST_REPEATED_COLUMNS)
          tall.set(line.length, { text, left: cell.rows - 1 })
        line.push(text)
        for (let i = 1; i < cell.columns; i++) line.push('')
      }
      fillTall()
      return rowText(line)
    })
  }
}

/** How many characters cells that span rows may add to a document: a short page could else ask for gigabytes. */
export class RepeatBudget {
  #left = 1_000_000

  take(text: string): string {
    this.#left -= text.length
    return this.#left >= 0 ? text : ''
  }
}

function spanOf(attribute: string | undefined, most: number): number {
  const count = Number.parseInt(attribute ?? '1', 10)
  return Number.isNaN(count) ? 1 : Math.min(most, Math.max(1, count))
}

function linkedOf(pieces: readonly HtmlPiece[]): number {
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0)
  return pieces.reduce((sum, { text, linked }) => sum + text.length * linked, 0) / Math.max(1, length)
}

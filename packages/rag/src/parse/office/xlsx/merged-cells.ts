import type { ZipArchive } from '../zip-archive.ts'
import { columnOf, type SheetCell, type SheetRow } from './sheet-rows.ts'

export interface MergedCells {
  /** The row with the values of cells that are merged downwards into it. Rows must come in order. */
  filled(row: SheetRow): ReadonlyMap<number, SheetCell>
  /** Whether a row without cells of its own lies inside of a merged one. */
  covers(row: number): boolean
}

interface Merged {
  readonly column: number
  readonly from: number
  readonly to: number
}

/** Sheets with more are drawings; the first ones are repeated. */
const MOST_MERGED = 5_000
/** What is repeated in each row: names and dates, not texts. */
const LONGEST_REPEATED = 80
/** Rows below the first of a merged cell: taller ones only paint a margin. */
const TALLEST = 1_000
/** A reference is at most 21 characters, so that one over the border of two pieces of input is seen whole. */
const OVERLAP = 80
const MERGED_CELL = /<(?:\w+:)?mergeCell\s[^<>]{0,40}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"/gu

/**
 * Cells that are merged downwards, whose value stands in their first row only: a row is to mean the same when it is read
 * alone. They are listed after the rows, so the part is inflated once more before and looked through as text.
 */
export async function mergedCellsOf(zip: ZipArchive, part: string): Promise<MergedCells> {
  const byRow = new Map<number, Merged[]>()
  let rest = ''
  let count = 0
  for await (const chunk of zip.stream(part)) {
    const text = rest + chunk.toString('latin1')
    rest = text.slice(-OVERLAP)
    if (!text.includes('mergeCell')) continue
    for (const [whole, left, from, , to] of text.matchAll(MERGED_CELL)) {
      // One that lies in the overlap is found twice.
      if (whole === undefined || count >= MOST_MERGED) break
      const column = columnOf(left)
      const merged = { column: column ?? 0, from: Number(from), to: Math.min(Number(to), Number(from) + TALLEST) }
      if (column === null || merged.to <= merged.from) continue
      const known = byRow.get(merged.from) ?? []
      if (known.some((other) => other.column === column)) continue
      byRow.set(merged.from, [...known, merged])
      count++
    }
  }
  let open: { merged: Merged; cell: SheetCell }[] = []
  return {
    filled(row) {
      open = open.filter(({ merged }) => merged.to >= row.number)
      const added = open.filter(({ merged }) => !row.cells.has(merged.column))
      for (const merged of byRow.get(row.number) ?? []) {
        const cell = row.cells.get(merged.column)
        if (cell !== undefined && cell.text.length <= LONGEST_REPEATED) open.push({ merged, cell })
      }
      if (added.length === 0) return row.cells
      const all = [...row.cells, ...added.map(({ merged, cell }) => [merged.column, cell] as const)]
      return new Map(all.toSorted(([a], [b]) => a - b))
    },
    covers: (row) => open.some(({ merged }) => merged.to >= row),
  }
}

import type { Row, Segment } from './rows.ts'

/** Rows in reading order that share one column. */
export interface Region {
  readonly rows: readonly Row[]
  readonly x0: number
  readonly x1: number
}

/** Fewer rows than this beside each other are a letter head or a form, not columns of prose. */
const LEAST_ROWS = 4
/** The share of rows that may run across a gutter: titles, figures and tables over the full width. */
const MOST_CROSSING = 0.6
/** A column is prose when its typical row fills this much of it, and holds this many characters. */
const FILLED = 0.6
const PROSE_CHARACTERS = 18
/** Newspapers have more columns; a page of documents hardly ever has more than four, which two cuts reach. */
const DEEPEST = 2

/**
 * Parts rows into regions, in the order in which people read them: columns one after the other, whatever runs across
 * the gutter before or after them. Tables stay whole: their cells do not fill their columns like prose does.
 */
export function regionsOf(rows: readonly Row[], depth = 0): Region[] {
  const whole = regionOf(rows)
  if (rows.length < LEAST_ROWS || depth > DEEPEST) return [whole]
  const gutter = gutterOf(rows, whole)
  if (gutter === null) return [whole]
  const regions: Region[] = []
  let band: Row[] = []
  const close = () => {
    const left = band.flatMap((row) => partOf(row, (segment) => segment.x1 <= gutter.middle))
    const right = band.flatMap((row) => partOf(row, (segment) => segment.x0 >= gutter.middle))
    for (const side of [left, right]) if (side.length > 0) regions.push(...regionsOf(side, depth + 1))
    band = []
  }
  for (const row of rows) {
    if (crosses(row, gutter.middle)) {
      close()
      const last = regions.at(-1)
      if (last !== undefined && last.rows.every((each) => crosses(each, gutter.middle)))
        regions.splice(-1, 1, regionOf([...last.rows, row]))
      else regions.push(regionOf([row]))
    } else band.push(row)
  }
  close()
  return regions
}

const crosses = (row: Row, x: number) => row.segments.some((segment) => segment.x0 < x && segment.x1 > x)

function partOf(row: Row, keep: (segment: Segment) => boolean): Row[] {
  const segments = row.segments.filter(keep)
  const [first] = segments
  return first === undefined ? [] : [{ segments, y: first.y, size: first.size }]
}

function regionOf(rows: readonly Row[]): Region {
  return {
    rows,
    x0: Math.min(...rows.flatMap((row) => row.segments.map((segment) => segment.x0))),
    x1: Math.max(...rows.flatMap((row) => row.segments.map((segment) => segment.x1))),
  }
}

/** The widest strip that few rows cross and that has prose on both sides; null when there is none. */
function gutterOf(rows: readonly Row[], { x0, x1 }: { x0: number; x1: number }): { middle: number } | null {
  const from = Math.floor(x0)
  const points = Math.ceil(x1) - from
  if (points < 100) return null
  const covered = new Uint32Array(points + 1)
  for (const row of rows) {
    for (const segment of row.segments)
      for (let x = Math.floor(segment.x0) - from; x < Math.ceil(segment.x1) - from; x++)
        covered[x] = (covered[x] ?? 0) + 1
  }
  // A column takes at least a sixth of the width, so gutters are looked for between.
  const margin = Math.floor(points / 6)
  const body = Math.max(...covered)
  const strips: { middle: number; width: number }[] = []
  const lowest = Math.min(...covered.subarray(margin, points - margin))
  if (lowest > MOST_CROSSING * body) return null
  let open = -1
  for (let x = margin; x <= points - margin; x++) {
    const free = (covered[x] ?? 0) <= lowest && x < points - margin
    if (free && open < 0) open = x
    if (!free && open >= 0) {
      strips.push({ middle: from + (open + x) / 2, width: x - open })
      open = -1
    }
  }
  strips.sort((p, q) => q.width - p.width)
  return strips.find((strip) => strip.width >= 6 && isBetweenProse(rows, strip.middle)) ?? null
}

function isBetweenProse(rows: readonly Row[], middle: number): boolean {
  const beside = rows.filter((row) => !crosses(row, middle))
  const left = beside.flatMap((row) => partOf(row, (segment) => segment.x1 <= middle))
  const right = beside.flatMap((row) => partOf(row, (segment) => segment.x0 >= middle))
  return [left, right].every(isProse)
}

/** Three quarters of the rows: a table's cells are short, and prose has short rows only where paragraphs end. */
function isProse(rows: readonly Row[]): boolean {
  if (rows.length < LEAST_ROWS) return false
  const { x0, x1 } = regionOf(rows)
  const width = x1 - x0
  const full = rows.filter((row) => {
    const filled = row.segments.reduce((sum, segment) => sum + segment.x1 - segment.x0, 0)
    const characters = row.segments.reduce(
      (sum, segment) => sum + segment.words.reduce((n, word) => n + word.text.length, 0),
      0,
    )
    return filled >= FILLED * width && characters >= PROSE_CHARACTERS
  })
  return full.length >= 0.5 * rows.length
}

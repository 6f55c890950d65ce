import { readable } from '../characters.ts'
import type { Frame, Word } from '../pdf/words.ts'
import type { SeenLine, SeenPage } from './recognition.ts'

/** Heights of lines differ by their letters (no descender, all capitals); closer than this they are of one size. */
const SAME_SIZE = 0.18
/** From the highest ascender to the lowest descender of most fonts, in ems. */
const LINE_HEIGHT = 0.95
/** Cells of one row stand on one baseline, within this share of their height: paper is bent, and scanners pull it. */
const SAME_ROW = 0.4

/**
 * Recognised lines as if a PDF had drawn them there, so that columns, paragraphs, tables and hyphens are found as in any
 * PDF. To find rows, skewed lines are straightened and those beside each other put on one baseline; every word keeps
 * the rectangle in which it was seen.
 */
export function frameOf(page: SeenPage): Frame {
  const { scale, turns } = page
  const [width, height] = turns % 2 === 0 ? [page.width, page.height] : [page.height, page.width]
  // A frame is the page turned about its top left corner; the engine's picture is then moved into view.
  const [dx, dy] = turns === 0 ? [0, 0] : turns === 1 ? [-width, 0] : turns === 2 ? [-width, -height] : [0, -height]
  const usual = usualHeight(page.lines)
  const words = rowsIn(page).flatMap(({ lines, baseline }) => {
    const y = baseline / scale + dy
    return lines.flatMap((line) => {
      const lineHeight = Math.abs(line.height - usual) <= SAME_SIZE * usual ? usual : line.height
      const size = lineHeight / LINE_HEIGHT / scale
      return line.words.flatMap((word): Word[] => {
        const text = Array.from(word.text, readable).join('').trim()
        if (text === '') return []
        return [
          {
            ...{ text, y, size },
            x0: word.x0 / scale + dx,
            x1: word.x1 / scale + dx,
            ascent: (y - (word.y0 / scale + dy)) / size,
            descent: (word.y1 / scale + dy - y) / size,
            ...{ bold: false, mono: false, rtl: false, spaced: true },
          },
        ]
      })
    })
  })
  // Clockwise on the page, by how much its text runs: what was turned back.
  return { angle: (360 - 90 * turns) % 360, words }
}

interface SeenRow {
  readonly lines: SeenLine[]
  readonly baseline: number
}

function rowsIn({ lines, slope, scale, turns, width, height }: SeenPage): SeenRow[] {
  const middle = ((turns % 2 === 0 ? width : height) * scale) / 2
  const straight = lines
    .map((line) => ({ line, baseline: line.baseline - slope * (line.x - middle) }))
    .toSorted((p, q) => p.baseline - q.baseline)
  const rows: SeenRow[] = []
  for (const { line, baseline } of straight) {
    const row = rows.findLast(
      (each) =>
        baseline - each.baseline <= SAME_ROW * line.height && each.lines.every((other) => areBeside(line, other)),
    )
    if (row === undefined) rows.push({ lines: [line], baseline })
    else row.lines.push(line)
  }
  return rows
}

const areBeside = (line: SeenLine, other: SeenLine) => {
  const [from, to] = extent(line)
  const [otherFrom, otherTo] = extent(other)
  return from >= otherTo || to <= otherFrom
}

const extent = ({ words }: SeenLine) =>
  [Math.min(...words.map((word) => word.x0)), Math.max(...words.map((word) => word.x1))] as const

/** The height of most letters' lines, as the median over letters. */
function usualHeight(lines: readonly SeenLine[]): number {
  const heights = lines
    .map(({ height, words }) => [height, words.reduce((sum, { text }) => sum + text.length, 0)] as const)
    .toSorted((p, q) => p[0] - q[0])
  const all = heights.reduce((sum, [, letters]) => sum + letters, 0)
  let seen = 0
  for (const [height, letters] of heights) {
    seen += letters
    if (seen >= all / 2) return height
  }
  return 0
}

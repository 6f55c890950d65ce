/** A rectangle in CSS pixels or in points, from the top left corner. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What is to be marked in one line of text: the boxes of its words, which stand next to each other. */
export type ExpectedLine = readonly Rectangle[]

const right = (r: Rectangle) => r.x + r.width
const bottom = (r: Rectangle) => r.y + r.height
const overlap = (a: Rectangle, b: Rectangle) =>
  Math.max(0, Math.min(right(a), right(b)) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(bottom(a), bottom(b)) - Math.max(a.y, b.y))

const union = (rectangles: readonly Rectangle[]): Rectangle => {
  const x = Math.min(...rectangles.map((r) => r.x))
  const y = Math.min(...rectangles.map((r) => r.y))
  const width = Math.max(...rectangles.map(right)) - x
  return { x, y, width, height: Math.max(...rectangles.map(bottom)) - y }
}

const round = (r: Rectangle) => `${r.x.toFixed(1)},${r.y.toFixed(1)} to ${right(r).toFixed(1)},${bottom(r).toFixed(1)}`

/**
 * Whether marks cover exactly the words that they should, in whatever pieces they come (a mark a word, or one a line):
 * in each line the outer edges of all marks are those of the words, every word is covered, and no mark is elsewhere.
 *
 * @param tolerance how far an edge may be off, in the unit of the rectangles
 * @returns what is wrong, in words; empty if nothing is
 */
export const markProblems = (
  marks: readonly Rectangle[],
  lines: readonly ExpectedLine[],
  tolerance: number,
): string[] => {
  const outlines = lines.map(union)
  const marksOf: Rectangle[][] = lines.map(() => [])
  const problems: string[] = []
  for (const mark of marks) {
    const areas = outlines.map((outline) => overlap(mark, outline))
    const best = areas.indexOf(Math.max(...areas))
    if ((areas[best] ?? 0) === 0) problems.push(`a mark where no quoted word is: ${round(mark)}`)
    else marksOf[best]?.push(mark)
  }
  lines.forEach((words, i) => {
    const mine = marksOf[i] ?? []
    const outline = outlines[i]
    if (outline === undefined) return
    if (mine.length === 0) return void problems.push(`no mark in line ${i + 1}: ${round(outline)}`)
    const marked = union(mine)
    const off = [
      marked.x - outline.x,
      marked.y - outline.y,
      right(marked) - right(outline),
      bottom(marked) - bottom(outline),
    ]
    if (off.some((edge) => Math.abs(edge) > tolerance)) {
      problems.push(`line ${i + 1} is marked at ${round(marked)} instead of ${round(outline)}`)
    }
    for (const word of words) {
      const covered = mine.some((mark) => mark.x <= word.x + tolerance && right(mark) >= right(word) - tolerance)
      if (!covered) problems.push(`a word of line ${i + 1} is not marked: ${round(word)}`)
    }
  })
  return problems
}

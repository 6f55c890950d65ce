import type { DocumentPage, Span } from '@quarry/contracts'

/** One mark on a page: the words [start, end) and where they stand, in PDF points from the top left corner. */
export interface HighlightRect {
  readonly start: number
  readonly end: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Boxes of one line share at least half of the lower one's height; sub- and superscripts still do. */
const LINE_OVERLAP = 0.5

/** A blank is about a third of the type size; justified text doubles it. Columns are further apart than this. */
const MAX_GAP_HEIGHTS = 1.6

const onOneLine = (a: HighlightRect, b: HighlightRect): boolean => {
  const overlap = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (overlap < LINE_OVERLAP * Math.min(a.height, b.height)) return false
  const gap = Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width)
  return gap <= MAX_GAP_HEIGHTS * Math.max(a.height, b.height)
}

const union = (a: HighlightRect, b: HighlightRect): HighlightRect => {
  const x = Math.min(a.x, b.x)
  const y = Math.min(a.y, b.y)
  return {
    start: Math.min(a.start, b.start),
    end: Math.max(a.end, b.end),
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  }
}

/** The marks of a span: its words' boxes, in reading order, joined where they follow each other on one line. */
export const highlightRects = (boxes: DocumentPage['boxes'], span: Span): HighlightRect[] => {
  const rects: HighlightRect[] = []
  const inside = boxes
    .filter(([start, end]) => start < span.end && end > span.start)
    .toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
  for (const [start, end, x, y, width, height] of inside) {
    const rect = { start, end, x, y, width, height }
    const last = rects.at(-1)
    if (last !== undefined && onOneLine(last, rect)) rects[rects.length - 1] = union(last, rect)
    else rects.push(rect)
  }
  return rects
}

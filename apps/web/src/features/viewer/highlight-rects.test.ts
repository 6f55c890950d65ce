import type { DocumentPage } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { highlightRects } from './highlight-rects.ts'

type Box = DocumentPage['boxes'][number]

/** Words of a two-column page: 3 words a line, lines of 12 points, columns 200 points wide with a gutter of 40. */
const twoColumns = (lines: number): Box[] => {
  const boxes: Box[] = []
  for (let column = 0; column < 2; column++) {
    for (let line = 0; line < lines; line++) {
      for (let word = 0; word < 3; word++) {
        const start = boxes.length * 6
        boxes.push([start, start + 5, 50 + column * 240 + word * 65, 80 + line * 14, 60, 12])
      }
    }
  }
  return boxes
}

describe('highlightRects', () => {
  it('joins the words of a line and starts anew on the next', () => {
    const rects = highlightRects(twoColumns(4), { start: 6, end: 4 * 6 + 5 })
    expect(rects).toEqual([
      { start: 6, end: 17, x: 115, y: 80, width: 125, height: 12 },
      { start: 18, end: 29, x: 50, y: 94, width: 125, height: 12 },
    ])
  })

  it('does not bridge the gutter where a passage goes on in the next column', () => {
    const lines = 2
    const rects = highlightRects(twoColumns(lines), { start: 3 * 6, end: 7 * 6 + 5 })
    expect(rects.map((r) => [r.x, r.width])).toEqual([
      [50, 190],
      [290, 125],
    ])
  })

  it('covers exactly the words that touch the span: every one of them, and the middle of no other', () => {
    const boxes = twoColumns(6)
    const last = boxes.length * 6
    fc.assert(
      fc.property(fc.nat(last), fc.integer({ min: 1, max: 80 }), (start, length) => {
        const span = { start, end: start + length }
        const rects = highlightRects(boxes, span)
        for (const [s, e, x, y, width, height] of boxes) {
          const covered = rects.some(
            (r) => r.x <= x && r.y <= y && r.x + r.width >= x + width && r.y + r.height >= y + height,
          )
          expect(covered).toBe(s < span.end && e > span.start)
        }
      }),
    )
  })

  it('marks nothing for a span outside of all words', () => {
    expect(highlightRects(twoColumns(1), { start: 5, end: 6 })).toEqual([])
    expect(highlightRects([], { start: 0, end: 10 })).toEqual([])
  })
})

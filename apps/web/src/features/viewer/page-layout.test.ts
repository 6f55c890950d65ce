import type { PageBlock, Span } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headingLevels, layOut, type LaidBlock, piecesOf } from './page-layout.ts'

const KINDS = ['heading', 'paragraph', 'list', 'table', 'code', 'furniture'] as const
const text = fc
  .array(fc.constantFrom('roof', ' | ', '|', ' ', '\n', '\n\n', '- ', '屋根', '👷🏽', 'é', ' |'), { maxLength: 40 })
  .map((parts) => parts.join(''))

/** Blocks as a reader makes them: in order, apart, with blanks or text between them. */
const orderly = (length: number): fc.Arbitrary<PageBlock[]> =>
  fc
    .tuple(
      fc.array(fc.nat(length), { maxLength: 12 }),
      fc.array(fc.constantFrom(...KINDS), { minLength: 6, maxLength: 6 }),
    )
    .map(([cuts, kinds]) => {
      const edges = cuts.toSorted((a, b) => a - b)
      return kinds.flatMap((kind, i) => {
        const [start, end] = [edges[2 * i], edges[2 * i + 1]]
        return start === undefined || end === undefined ? [] : [{ kind, start, end, level: (i % 6) + 1 }]
      })
    })
const anyBlocks = (length: number): fc.Arbitrary<PageBlock[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      start: fc.integer({ min: -3, max: length }),
      end: fc.nat(length + 5),
    }),
    { maxLength: 6 },
  )
const spanIn = (length: number): fc.Arbitrary<Span> =>
  fc.tuple(fc.nat(length), fc.nat(length)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }))
const page = text.chain((given) =>
  fc.record({
    text: fc.constant(given),
    blocks: fc.oneof(orderly(given.length), anyBlocks(given.length)),
    span: fc.option(spanIn(given.length)),
  }),
)
const joined = (blocks: readonly LaidBlock[]) =>
  piecesOf(blocks)
    .map((piece) => piece.text)
    .join('')

describe('a page laid out', () => {
  it('has its whole text in order, and marks exactly the span', () => {
    fc.assert(
      fc.property(page, ({ text: given, blocks, span }) => {
        const laid = layOut(given, blocks, span)
        expect(joined(laid)).toBe(given)
        const pieces = piecesOf(laid)
        for (const { text: piece, start } of pieces) expect(given.slice(start, start + piece.length)).toBe(piece)
        const marked = pieces.filter((piece) => piece.marked).map((piece) => piece.text)
        expect(marked.join('')).toBe(span === null ? '' : given.slice(span.start, span.end))
      }),
      { numRuns: 500 },
    )
  })

  it('has nothing but blanks and bars between what is drawn', () => {
    fc.assert(
      fc.property(page, ({ text: given, blocks, span }) => {
        const laid = layOut(given, blocks, span)
        const gaps = laid.flatMap((block) => {
          if (block.kind === 'gap') return [block]
          if (block.kind === 'list' || block.kind === 'code') return block.lines.filter((line) => line.kind === 'gap')
          if (block.kind !== 'table') return []
          return block.rows.flatMap((row) => (row.kind === 'gap' ? [row] : row.cells.filter((c) => c.kind === 'gap')))
        })
        for (const gap of gaps) expect(gap.pieces.map((p) => p.text).join('')).toMatch(/^(\s*| \| )$/)
      }),
    )
  })

  it('reads a table as rows of cells, the mark going through them', () => {
    const table = 'part | price\nroof | 1,480\nmast |  | note'
    const given = `Prices\n\n${table}`
    const start = given.indexOf('price\n')
    const span = { start, end: given.indexOf('1,480') + 1 }
    const [heading, gap, laid] = layOut(
      given,
      [
        { kind: 'heading', start: 0, end: 6, level: 2 },
        { kind: 'table', start: 8, end: given.length },
      ],
      span,
    )
    expect([heading?.kind, gap?.kind]).toEqual(['heading', 'gap'])
    if (laid?.kind !== 'table') throw new Error('no table')
    const rows = laid.rows.flatMap((row) =>
      row.kind === 'gap'
        ? []
        : [
            row.cells
              .filter((c) => c.kind === 'part')
              .map((c) => c.pieces.map((p) => (p.marked ? `[${p.text}]` : p.text)).join('')),
          ],
    )
    expect(rows).toEqual([
      ['part', '[price]'],
      ['[roof]', '[1],480'],
      ['mast', '', 'note'],
    ])
  })

  it('skips no level of headings under that of the page', () => {
    const blocks = layOut(
      'abcd',
      [
        { kind: 'heading', start: 0, end: 1, level: 3 },
        { kind: 'heading', start: 1, end: 2, level: 6 },
        { kind: 'heading', start: 2, end: 3, level: 1 },
        { kind: 'heading', start: 3, end: 4, level: 2 },
      ],
      null,
    )
    expect(blocks.map((block) => headingLevels(blocks, 2).get(block))).toEqual([3, 4, 3, 4])
  })
})

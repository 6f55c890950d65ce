import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Block, BlockKind, ParsedPage } from '../parse/parsed-page.ts'
import { createChunker, nameInWords } from './chunker.ts'
import { countWords } from './units.ts'

interface Part {
  readonly kind: BlockKind
  readonly level?: number
  readonly under?: readonly string[]
  readonly text: string
}

function pageOf(ordinal: number, parts: readonly Part[]): ParsedPage {
  let text = ''
  const blocks: Block[] = []
  for (const { text: own, ...shape } of parts) {
    if (text !== '') text += '\n\n'
    blocks.push({ ...shape, start: text.length, end: text.length + own.length })
    text += own
  }
  return { ordinal, page: ordinal, text, width: null, height: null, boxes: [], blocks }
}

const words = (count: number, word = 'word') => Array.from({ length: count }, (_, i) => `${word}${i}`).join(' ')
const sentences = (count: number, each = 20) =>
  Array.from({ length: count }, (_, i) => `The ${words(each - 2, `n${i}x`)} end.`).join(' ')

describe('createChunker', () => {
  test('keeps an abstract of 300 words whole', () => {
    const chunks = createChunker('a', 'english').chunksOf(pageOf(1, [{ kind: 'paragraph', text: sentences(15) }]))
    expect(chunks).toHaveLength(1)
  })

  test('carries headings over pages, and indexes those that stand outside the chunk', () => {
    const chunker = createChunker('Handbook', 'english')
    const [first] = chunker.chunksOf(
      pageOf(1, [
        { kind: 'heading', level: 1, text: 'Leave' },
        { kind: 'heading', level: 2, text: 'Parents' },
        { kind: 'paragraph', text: sentences(6) },
      ]),
    )
    expect(first).toMatchObject({ headingPath: ['Leave', 'Parents'], context: 'Handbook', span: { start: 0 } })
    const [second] = chunker.chunksOf(pageOf(2, [{ kind: 'paragraph', text: sentences(6) }]))
    expect(second).toMatchObject({
      ordinal: 2,
      page: 2,
      headingPath: ['Leave', 'Parents'],
      context: 'Handbook\nLeave\nParents',
    })
    const [third] = chunker.chunksOf(
      pageOf(3, [
        { kind: 'heading', level: 1, text: 'Travel' },
        { kind: 'paragraph', text: sentences(6) },
      ]),
    )
    expect(third).toMatchObject({ headingPath: ['Travel'] })
  })

  test('starts a chunk with a new section, and lets small sections share one', () => {
    const section = (text: string): Part[] => [
      { kind: 'heading', level: 2, text: `On ${text.slice(0, 8)}` },
      { kind: 'paragraph', text },
    ]
    const big = createChunker('a', 'english').chunksOf(pageOf(1, [...section(sentences(8)), ...section(sentences(8))]))
    expect(big).toHaveLength(2)
    const small = createChunker('a', 'english').chunksOf(
      pageOf(1, [...section(sentences(1)), ...section(sentences(1)), ...section(sentences(1))]),
    )
    expect(small).toHaveLength(1)
  })

  test('a last line of a page is no passage of its own', () => {
    const page = pageOf(1, [
      { kind: 'paragraph', text: sentences(19) },
      { kind: 'heading', level: 1, text: 'Next chapter' },
    ])
    expect(createChunker('a', 'english').chunksOf(page)).toHaveLength(1)
  })

  test('does not cut through a row of a table', () => {
    const rows = Array.from({ length: 120 }, (_, i) => `SKU-${i}  Bolt of size ${i}  ${i * 3}  in stock`)
    const page = pageOf(1, [{ kind: 'table', text: rows.join('\n') }])
    const chunks = createChunker('a', 'english').chunksOf(page)
    expect(chunks.length).toBeGreaterThan(1)
    for (const { span } of chunks)
      for (const line of page.text.slice(span.start, span.end).split('\n')) expect(rows).toContain(line)
  })

  test('names the header over rows whose table started before', () => {
    const rows = Array.from({ length: 120 }, (_, i) => `SKU-${i} | Bolt of size ${i} | ${i * 3}`)
    const page = pageOf(1, [
      { kind: 'heading', level: 1, text: 'Stock' },
      { kind: 'table', text: ['Number | What | Left', ...rows].join('\n') },
    ])
    const [first, second] = createChunker('a', 'english').chunksOf({ ...page, label: 'Sheet 1' })
    expect(first).toMatchObject({ headingPath: ['Stock'], context: 'a\nSheet 1' })
    expect(second).toMatchObject({
      headingPath: ['Stock', 'Number | What | Left'],
      context: 'a\nSheet 1\nStock\nNumber | What | Left',
    })
  })

  test('parts code at its definitions, each under what encloses it', () => {
    const body = (name: string) =>
      Array.from({ length: 40 }, (_, i) => `  const ${name}${i} = step(${i}, more)`).join('\n')
    const page = pageOf(1, [
      { kind: 'code', under: ['Reader', 'open'], text: body('a') },
      { kind: 'code', under: ['Reader', 'close'], text: body('b') },
      { kind: 'code', text: 'run()' },
    ])
    const chunks = createChunker('a', 'english').chunksOf(page)
    expect(chunks.map(({ headingPath, context }) => [headingPath, context])).toEqual([
      [['Reader', 'open'], 'a\nReader\nopen'],
      [['Reader', 'close'], 'a\nReader\nclose'],
    ])
  })

  test('spans lie in their page, do not overlap, stay under the limit, and cover everything but space', () => {
    const text = fc
      .string({
        unit: fc.constantFrom('word ', 'Stop. ', '字', 'long'.repeat(40), '\n', '  ', '3.5 ', '😀'),
        maxLength: 900,
      })
      .filter((s) => s.trim() !== '')
    const part = fc.record({
      kind: fc.constantFrom<BlockKind>('heading', 'paragraph', 'list', 'table', 'code', 'furniture'),
      level: fc.integer({ min: 1, max: 6 }),
      text,
    })
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 6 }), { maxLength: 3 }), (pages) => {
        const chunker = createChunker('a', 'english')
        let ordinal = 0
        for (const [i, parts] of pages.entries()) {
          const page = pageOf(i + 1, parts)
          let at = 0
          for (const chunk of chunker.chunksOf(page)) {
            expect(chunk).toMatchObject({ ordinal: ++ordinal, page: i + 1 })
            expect(chunk.span.start).toBeGreaterThanOrEqual(at)
            expect(chunk.span.end).toBeGreaterThan(chunk.span.start)
            expect(page.text.slice(at, chunk.span.start).trim()).toBe('')
            expect(countWords(page.text.slice(chunk.span.start, chunk.span.end))).toBeLessThanOrEqual(420)
            at = chunk.span.end
          }
          expect(page.text.slice(at).trim()).toBe('')
        }
      }),
      { numRuns: 200 },
    )
  })
})

test('a name is words', () => {
  expect(nameInWords('hr/Leave_policy-2024.v2.pdf')).toBe('Leave policy 2024 v2')
})

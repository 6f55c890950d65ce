import { array, assert, constantFrom, infiniteStream, integer, oneof, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CitationFilter } from './citation-filter.ts'
import type { AnswerSegment } from './citation-filter.ts'

/** What a reader would get when p1…p5 exist. */
function show(segment: AnswerSegment): string {
  if (segment.type === 'text') return segment.text
  if (segment.type === 'no-answer') return '<none>'
  const known = segment.references.filter(({ label }) => /^p[1-5]$/.test(label))
  const markers = known.map(({ label, quote }) => `<${label}${quote === null ? '' : `:${quote}`}>`).join('')
  return markers === '' ? '' : segment.lead + markers
}

function render(deltas: readonly string[]): string {
  const filter = new CitationFilter()
  return [...deltas.flatMap((delta) => filter.push(delta)), ...filter.end()].map(show).join('')
}

describe('markers', () => {
  test.each([
    ['Paris [p3].', 'Paris <p3>.'],
    ['Paris [p3, p4].', 'Paris <p3><p4>.'],
    ['Paris [p3][p4; P5]', 'Paris <p3><p4><p5>'],
    ['Paris [p3 "the capital"].', 'Paris <p3:the capital>.'],
    ['Paris [p3 “the capital”, p4 "a city"].', 'Paris <p3:the capital><p4:a city>.'],
    ['Paris [p3 "he said "yes" [sic] twice"].', 'Paris <p3:he said "yes" [sic] twice>.'],
    ['Paris [p3: "x"]', 'Paris <p3:x>'],
    ['Paris [p3 the capital].', 'Paris <p3:the capital>.'],
    ['巴黎【p3】。', '巴黎<p3>。'],
  ])('%s', (written, shown) => {
    expect(render([written])).toBe(shown)
  })
  test.each([
    ['an unknown label goes, with the blank before it', 'Paris [p99].', 'Paris.'],
    ['known labels beside unknown ones stay', 'Paris [p99, p2].', 'Paris <p2>.'],
    ['a forged footnote goes', 'Paris [^1] is [^x].', 'Paris is.'],
    ['an unclosed quotation is dropped up to its bracket', 'A [p1 "open] B', 'A <p1:open> B'],
    ['a marker cut off by the end goes', 'Paris [p3 "the cap', 'Paris'],
    ['the no-answer marker is not text', '[no-answer] Nothing.', '<none> Nothing.'],
  ])('%s', (_, written, shown) => {
    expect(render([written])).toBe(shown)
  })
  test.each([
    'a[i] = [p] + [pages] and [link](x) [ ] [px3] [p3x] [no answer]',
    'trailing [',
    'an [p',
    'blanks  \t',
    '',
  ])('other brackets are text: %s', (written) => {
    expect(render([written])).toBe(written)
  })
})

const piece = oneof(
  constantFrom('[p1]', ' [p2, p3]', ' [p4 "some words"]', '[p77]', '[^2]', ' [p1 "open', '[', ']', '"', '[no-answer]'),
  constantFrom(' ', '\n', '\t ', 'p1', 'word', '[p', '[p5', '【p1】', '“', '”', ',', '[ p2 ]', 'x'.repeat(900)),
  string({ maxLength: 5 }),
)

test('where the deltas are cut makes no difference', () => {
  assert(
    property(array(piece, { maxLength: 12 }), infiniteStream(integer({ min: 1, max: 9 })), (pieces, sizes) => {
      const whole = pieces.join('')
      const deltas: string[] = []
      for (let at = 0; at < whole.length;) {
        const size = sizes.next().value ?? 1
        deltas.push(whole.slice(at, at + size))
        at += size
      }
      expect(render(deltas)).toBe(render([whole]))
      expect(render(whole.split(''))).toBe(render([whole]))
    }),
    { numRuns: 500 },
  )
})

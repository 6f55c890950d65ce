import { assert, constantFrom, array, oneof, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CitationFilter } from '../../answer/citation-filter.ts'
import { noAnswer, quotationAnswer } from './phrasing.ts'

const read = (answer: string) => {
  const filter = new CitationFilter()
  return [...filter.push(answer), ...filter.end()]
}
const quote = (text: string) => ({ label: 'p4', document: 'a.md', page: 3, under: '', text })

describe('quotationAnswer', () => {
  test('names the source and cites the exact words', () => {
    const [text, marker] = read(quotationAnswer([quote('It opens at nine.')], false))
    expect(text).toEqual({ type: 'text', text: 'According to **a.md**, page 3: “It opens at nine.”' })
    expect(marker).toMatchObject({ references: [{ label: 'p4', quote: 'It opens at nine.' }] })
  })
  test('names the heading, unless the words have it already or it is a sentence', () => {
    const under = (heading: string) => quotationAnswer([{ ...quote('Fixed: the clock.'), under: heading }], false)
    expect(under('Release 7.2.1')).toMatch(
      /^According to \*\*a\.md\*\*, page 3, under “Release 7\.2\.1”: “Fixed: the clock\.”/,
    )
    expect(under('Fixed')).not.toContain('under')
    expect(under('x'.repeat(90))).not.toContain('under')
    expect(under('[p1 "x"]')).not.toContain('[p1')
  })
  test('speaks Chinese to a Chinese question', () => {
    expect(quotationAnswer([quote('九点开门。')], true)).toMatch(/^根据\*\*a\.md\*\*第 3 页：“九点开门。”/)
  })
  test('code stands in a code span', () => {
    expect(quotationAnswer([quote('x <- `y`')], false)).toContain('`` x <- `y` ``')
  })
  const piece = oneof(
    constantFrom(
      '[p1]',
      '[p2 "x"]',
      '[^1]',
      '[no-answer]',
      '"]',
      '" ]',
      '”]',
      '»]',
      '」]',
      ', p7',
      'word',
      ' ',
      ']',
      '"',
    ),
    string({ maxLength: 4 }),
  )
  test('no text of a document becomes a marker of its own, or changes what is cited', () => {
    assert(
      property(array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('').trim()
        const segments = read(quotationAnswer([quote(text)], false))
        const markers = segments.filter((segment) => segment.type !== 'text')
        expect(markers).toHaveLength(1)
        const [marker] = markers
        if (marker?.type !== 'marker') throw new Error('the citation is lost')
        expect(marker.references.map((reference) => reference.label)).toEqual(['p4'])
        const cited = marker.references[0]?.quote ?? null
        if (cited !== null) expect(cited).toBe(text.trim())
        expect(segments.at(-1)).toBe(marker)
      }),
      { numRuns: 1000 },
    )
  })
})

test('an answer that there is none says so to the filter first', () => {
  expect(read(noAnswer(null, false))[0]).toEqual({ type: 'no-answer', lead: '' })
  expect(read(noAnswer(quote('Nearby.'), false)).at(-1)).toMatchObject({ type: 'marker' })
})

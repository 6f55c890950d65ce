import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitMarkers, withoutMarkers } from './citation-markers.ts'

const piece = fc.oneof(
  fc.string({ maxLength: 10 }),
  fc.nat(9999).map((n) => `[^${n}]`),
  fc.constantFrom('[', ']', '^', '[^', '[^x]', '[1]', '[^12345]', '👍🏽'),
)
const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))

describe('splitMarkers', () => {
  it('loses and invents nothing', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('a ', '[', '\n'),
            fc.nat(99).map((n) => `[^${n}]`),
          ),
        ),
        (pieces) => {
          const source = pieces.join('')
          const written = splitMarkers(source).map((p) => (p.kind === 'text' ? p.text : `[^${p.marker}]`))
          expect(written.join('')).toBe(source)
        },
      ),
    )
  })

  it('leaves no marker in a text part', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const part of splitMarkers(source))
          if (part.kind === 'text') expect(part.text).not.toMatch(/\[\^\d{1,4}\]/)
      }),
    )
  })

  it('finds neighbours', () => {
    expect(splitMarkers('a[^1][^2].')).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'marker', marker: 1 },
      { kind: 'marker', marker: 2 },
      { kind: 'text', text: '.' },
    ])
  })
})

describe('withoutMarkers', () => {
  it('takes the blank before a marker with it', () => {
    expect(withoutMarkers('Twenty days [^1][^2]. More [^3]')).toBe('Twenty days. More')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasAll, pieceAround, wordsOf } from './find-words.ts'

describe('wordsOf', () => {
  it('splits at any blank, takes each once, and no more than eight', () => {
    expect(wordsOf(' a\u3000b\ta  c ')).toEqual(['a', 'b', 'c'])
    expect(wordsOf('1 2 3 4 5 6 7 8 9 10')).toHaveLength(8)
    expect(wordsOf(null)).toEqual([])
  })
})

describe('pieceAround', () => {
  it('shows the first of the words with what stands around it, cut between words', () => {
    const text = `${'before '.repeat(20)}the Needle ${'after '.repeat(30)}`
    expect(pieceAround(text, ['needle'])).toBe(`…before before the Needle ${'after '.repeat(11).trim()}…`)
  })

  it('cuts a script without blanks where it is, and no character in two', () => {
    const piece = pieceAround(`${'😀'.repeat(40)}議事録${'😀'.repeat(60)}`, ['議事'])
    expect(piece).toContain('議事録')
    expect(piece.length).toBeLessThan(110)
    expect(piece.isWellFormed()).toBe(true)
  })

  it('has no markers and no Markdown, and begins at the beginning where nothing was found', () => {
    expect(pieceAround('# Leave\n\n- **Twenty** weeks[^1][^2]\n- `more`', ['weeks'])).toBe('Leave Twenty weeks more')
    expect(pieceAround('short', ['(absent['])).toBe('short')
  })

  it('has a word that stands anywhere in plain text', () => {
    const filler = fc.array(fc.constantFrom('und', 'oder', 'ist', 'gross'), { maxLength: 60 })
    fc.assert(
      fc.property(filler, filler, fc.constantFrom('Übung', 'c++', 'a.b', '(x)', '100 %'), (before, after, word) => {
        const piece = pieceAround([...before, word, ...after].join(' '), [word.toLowerCase()])
        expect(hasAll(piece, [word])).toBe(true)
      }),
    )
  })
})

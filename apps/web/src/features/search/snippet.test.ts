import type { Span } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snippetOf } from './snippet.ts'

const WORDS = ['roof', 'a', 'Dachziegel', '屋根', '👷🏽', 'straßenbahn', 'x'.repeat(50)]
const passage = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 150 }).chain((words) =>
  fc.subarray(words.map((_, i) => i)).map((chosen) => {
    let text = ''
    const highlights: Span[] = []
    words.forEach((word, i) => {
      if (i > 0) text += ' '
      if (chosen.includes(i)) highlights.push({ start: text.length, end: text.length + word.length })
      text += word
    })
    return { text, highlights }
  }),
)

describe('a snippet', () => {
  it('is one stretch of its passage, with exactly the matched words in it marked, and never cuts a character', () => {
    fc.assert(
      fc.property(passage, ({ text, highlights }) => {
        const { parts, start, end } = snippetOf(text, highlights)
        const shown = parts.map((part) => part.text).join('')
        expect(shown).toBe(text.slice(start, end))
        expect(shown.isWellFormed()).toBe(true)
        expect(shown.length).toBeLessThanOrEqual(Math.max(300, Math.min(text.length, 331)))
        const inside = highlights.filter((span) => span.start >= start && span.end <= end)
        expect(parts.filter((part) => part.marked).map((part) => part.text)).toEqual(
          inside.map((span) => text.slice(span.start, span.end)),
        )
        if (highlights.length > 0) expect(inside.length).toBeGreaterThan(0)
      }),
    )
  })

  it('is taken from where the matches are', () => {
    const text = `${'word '.repeat(200)}the roof of the mill ${'word '.repeat(200)}`
    const at = text.indexOf('roof')
    const { parts, start } = snippetOf(text, [{ start: at, end: at + 4 }])
    expect(start).toBeGreaterThan(800)
    expect(parts.filter((part) => part.marked)).toEqual([{ text: 'roof', marked: true }])
    expect(parts.map((part) => part.text).join('')).toContain('the roof of the mill')
  })

  it('prefers the place with more of them', () => {
    const text = `roof ${'word '.repeat(100)}roof tiles roof ${'word '.repeat(100)}`
    const highlights = [...text.matchAll(/roof/g)].map(({ index }) => ({ start: index, end: index + 4 }))
    expect(snippetOf(text, highlights).parts.filter((part) => part.marked)).toHaveLength(2)
  })

  it('is the beginning of a passage in which no word matches, and a short passage is whole', () => {
    expect(snippetOf('word '.repeat(100), []).start).toBe(0)
    expect(snippetOf('The roof.', [{ start: 4, end: 8 }])).toEqual({
      parts: [
        { text: 'The ', marked: false },
        { text: 'roof', marked: true },
        { text: '.', marked: false },
      ],
      start: 0,
      end: 9,
    })
  })
})

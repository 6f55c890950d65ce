import { describe, expect, it } from 'vitest'
import { MarkerText } from './marker-text.ts'

const ANSWER = 'Twenty weeks[^1], or [half] pay[^12] for [^x] and [^'
const SHOWN = 'Twenty weeks[1], or [half] pay[12] for [^x] and [^'

describe('MarkerText', () => {
  it('rewrites markers wherever the text is cut', () => {
    for (let first = 0; first <= ANSWER.length; first += 1) {
      for (let second = first; second <= ANSWER.length; second += 1) {
        const text = new MarkerText((marker) => `[${marker}]`)
        const pieces = [ANSWER.slice(0, first), ANSWER.slice(first, second), ANSWER.slice(second)]
        expect(pieces.map((piece) => text.push(piece)).join('') + text.rest()).toBe(SHOWN)
      }
    }
  })

  it('forgets what it held back when the answer starts anew', () => {
    const text = new MarkerText(String)
    text.push('cut [^1')
    text.reset()
    expect(text.push('2]') + text.rest()).toBe('2]')
  })
})

import { describe, expect, test } from 'vitest'
import { countWords } from '../chunk/units.ts'
import { windowsOf } from './windows.ts'

const policy = { words: 20 }
const sentence = (i: number) => `Sentence number ${i} tells of nine herrings.`
const prose = Array.from({ length: 12 }, (_, i) => sentence(i)).join(' ')

describe('windows', () => {
  test('end with sentences, hold no more words than the policy says, and leave nothing out', () => {
    const windows = windowsOf(prose, [], 'english', policy)
    expect(windows.map(({ ordinal }) => ordinal)).toEqual(windows.map((_, i) => i))
    for (const { text } of windows) {
      expect(countWords(text)).toBeLessThanOrEqual(policy.words)
      expect(text).toMatch(/^Sentence.*herrings\.$/u)
    }
    expect(windows.map(({ text }) => text).join(' ')).toBe(prose)
  })

  test('are led by the titles that stand outside the text, innermost first while there is room', () => {
    const windows = windowsOf(prose, ['A book with a very long title', 'Herrings'], 'english', policy)
    expect(windows.length).toBeGreaterThan(4)
    for (const { text } of windows) {
      expect(text).toMatch(/^Herrings\. Sentence/u)
      expect(countWords(text)).toBeLessThanOrEqual(policy.words)
    }
  })

  test('do not repeat a title that is in the text', () => {
    const [first, second] = windowsOf(`Herrings\n\n${prose}`, ['Herrings'], 'english', policy)
    expect(first?.text).toMatch(/^Herrings Sentence/u)
    expect(second?.text).toMatch(/^Sentence/u)
  })

  test('cut a sentence that is longer than a window, and scripts without spaces', () => {
    const long = Array.from({ length: 90 }, (_, i) => `word${i}`).join(' ')
    const windows = windowsOf(long, [], 'english', policy)
    expect(windows.map(({ text }) => text).join(' ')).toBe(long)
    const chinese = windowsOf('港务长废除了鲱鱼船的铜税'.repeat(12), [], 'chinese', policy)
    expect(chinese.length).toBeGreaterThan(2)
    for (const { text } of chinese) expect(text.length).toBeLessThanOrEqual(2 * policy.words)
  })

  test('have one hash per text, whatever the line breaks', () => {
    const [a] = windowsOf('Nine herrings\nswim.', [], 'english', policy)
    const [b] = windowsOf('Nine   herrings swim.', [], 'english', policy)
    const [c] = windowsOf('Ten herrings swim.', [], 'english', policy)
    expect(a?.hash).toBe(b?.hash)
    expect(a?.hash).not.toBe(c?.hash)
    expect(a?.hash).toMatch(/^[0-9a-f]{64}$/u)
  })

  test('are none where there is no word', () => {
    expect(windowsOf(' \n — … ', [], 'english', policy)).toEqual([])
  })
})

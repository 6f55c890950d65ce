import { describe, expect, test } from 'vitest'
import { unspacedWords } from './asking-words.ts'
import { creditOf, wordsOf } from './words.ts'

const credit = (text: string, word: string, forms: readonly string[] = []) => creditOf(wordsOf(text), word, forms)

describe('creditOf', () => {
  test('the same word, inflected or as the index has it', () => {
    expect(credit('It carries passengers', 'carry')).toBe(1)
    expect(credit('Die Häuser', 'haus')).toBe(0)
    expect(credit('Die Häuser', 'haus', ['häuser'])).toBe(1)
  })
  test('compounds and derived words count less', () => {
    expect(credit('Die Batterielaufzeit ist lang', 'batterie')).toBeCloseTo(0.85)
    expect(credit('Ein alter Stamm', 'tierstamm')).toBeCloseTo(0.85)
    expect(credit('the second-largest producer', 'production')).toBeCloseTo(0.75)
  })
  test('what only looks alike does not count', () => {
    expect(credit('Faulty units are exchanged', 'change')).toBe(0)
    expect(credit('in 20190', '2019')).toBe(0)
    expect(credit('a contract', 'construct')).toBe(0)
    expect(credit('maintainer version, v=1.1', 'standards-version')).toBe(0)
    expect(credit('Standards-Version: 4.5.1', 'standards-version')).toBe(1)
  })
  test('words without spaces by their pairs', () => {
    expect(credit('杰克逊维尔是城市', '杰克逊维尔')).toBe(1)
    expect(credit('杰克逊维利', '杰克逊维尔')).toBeCloseTo(0.75 * 0.75)
    expect(credit('杰出', '杰克逊维尔')).toBe(0)
  })
})

test('a foreign name is one word, particles and what asks are none', () => {
  expect(unspacedWords('杰克逊维尔的人口')).toContain('杰克逊维尔')
  expect(unspacedWords('成人门票的票价')).toEqual(expect.arrayContaining(['成人', '门票', '票价']))
})

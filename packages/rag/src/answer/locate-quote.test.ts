import { describe, expect, test } from 'vitest'
import { locateQuote } from './locate-quote.ts'

const PAGE =
  'Alpha rays were known in 1899. The “half-life” of radon is 3.8 days,\nas Ruther-\nford found. Nothing else is said about it — at all.'
const found = (quote: string | null, claim = '') => {
  const span = locateQuote(PAGE, quote, claim)
  return span && PAGE.slice(span.start, span.end)
}

describe('locateQuote', () => {
  test.each([
    ['exact words', 'of radon is 3.8 days', 'of radon is 3.8 days'],
    ['other quotation marks', 'The "half-life" of radon', 'The “half-life” of radon'],
    [
      'other spaces, and a word joined across lines',
      '3.8 days, as Rutherford found',
      '3.8 days,\nas Ruther-\nford found',
    ],
    ['other case and dashes', 'nothing else is said about it - at all', 'Nothing else is said about it — at all'],
    ['a shortened quote', 'The … is said about it …', 'is said about it'],
    [
      'words that are not there: the nearest sentence',
      'radon has a half life of 3.8 days',
      'The “half-life” of radon is 3.8 days,\nas Ruther-\nford found.',
    ],
  ])('%s', (_, quote, expected) => {
    expect(found(quote)).toBe(expected)
  })
  test('without a quote, the sentence nearest to the claim', () => {
    expect(found(null, 'First things first. Alpha rays have been known since 1899')).toBe(
      'Alpha rays were known in 1899.',
    )
  })
  test('a claim that shares nothing gets the first sentence', () => {
    expect(found(null, 'xyzzy')).toBe('Alpha rays were known in 1899.')
  })
  test('Chinese is compared by pairs of characters', () => {
    const text = '北京是首都。上海是最大的城市。广州在南方。'
    const span = locateQuote(text, null, '最大的城市是上海')
    expect(span && text.slice(span.start, span.end)).toBe('上海是最大的城市。')
  })
  test('offsets count UTF-16 units', () => {
    const text = '𝔘𝔫𝔦 😀 costs 5 euros today.'
    const span = locateQuote(text, 'COSTS  5 euros', '')
    expect(span && text.slice(span.start, span.end)).toBe('costs 5 euros')
  })
  test('a text without words has no place', () => {
    expect(locateQuote(' \n', 'x', 'y')).toBeNull()
  })
})

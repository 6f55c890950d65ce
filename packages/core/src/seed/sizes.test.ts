import { describe, expect, test } from 'vitest'
import { organisationSizes, shareOut, sum } from './sizes.ts'

describe('the sizes of organisations', () => {
  test('are very uneven, and add up', () => {
    const sizes = organisationSizes(50, 100_000, 100_000)
    expect(sum(sizes)).toBe(100_000)
    expect(sizes.at(-1)).toBe(50)
    expect(sizes[0]).toBeGreaterThan(20_000)
    expect(sizes[0]).toBeLessThan(25_000)
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  })

  test('stay below a bound, and still add up', () => {
    const sizes = organisationSizes(50, 1_000_000, 50_000)
    expect(sum(sizes)).toBe(1_000_000)
    expect(Math.max(...sizes)).toBe(50_000)
  })

  test.each([
    [1, 1],
    [1, 40],
    [3, 3],
    [3, 400],
    [7, 20],
  ])('%i organisations share %i passages', (organisations, chunks) => {
    const sizes = organisationSizes(organisations, chunks, chunks)
    expect(sizes).toHaveLength(organisations)
    expect(sum(sizes)).toBe(chunks)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  })
})

test('what is shared out by weight adds up, and leaves nobody without', () => {
  expect(shareOut(10, [1, 1, 8])).toEqual([1, 1, 8])
  expect(shareOut(3, [0.001, 1, 1])).toEqual([1, 1, 1])
  expect(sum(shareOut(1_001, [3, 5, 7, 11]))).toBe(1_001)
})

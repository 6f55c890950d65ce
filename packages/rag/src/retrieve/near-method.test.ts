import { describe, expect, test } from 'vitest'
import { nearMethod } from './near-method.ts'

/** A partition with so many chunks, four windows each. */
const among = (chunks: number, perChunk = 4) => ({ chunks, windows: chunks * perChunk })

describe('the nearest vectors are', () => {
  test.each([
    ['compared one by one in a small organisation among large ones', 50, among(125_000), 'exact'],
    ['compared one by one where the index would give others’ mostly', 2_000, among(500_000), 'exact'],
    ['found by the index in a large organisation', 50_000, among(125_000), 'index'],
    ['found by the index where it is alone in its part', 20_000, among(20_000), 'index'],
    ['compared one by one where there is no index, up to a bound', 5_000, null, 'exact'],
    ['looked at for what the words found where that is too many', 6_000, null, 'none'],
  ])('%s', (_, chunks, index, kind) => {
    expect(nearMethod(chunks, 512, index).kind).toBe(kind)
  })

  test('more often compared where a chunk has one window', () => {
    expect(nearMethod(2_500, 512, among(2_500, 4)).kind).toBe('index')
    expect(nearMethod(2_000, 512, among(2_000, 1)).kind).toBe('exact')
  })

  test('compared while the planner has counted nothing', () => {
    expect(nearMethod(500, 512, { chunks: 0, windows: 0 }).kind).toBe('exact')
  })

  test('looked for through as many of others’ as it would take to compare all', () => {
    const method = nearMethod(50_000, 512, among(125_000))
    expect(method.kind === 'index' && method.mostLookedAt).toBe(12_500)
  })
})

import { describe, expect, test } from 'vitest'
import { bestOfEachDocument, fuse, type Candidate } from './fuse.ts'

const candidate = (name: string, bm25: number, cosine: number | null, ordinal = 1): Candidate => ({
  versionId: name,
  ordinal,
  bm25,
  cosine,
})
const scores = (candidates: readonly Candidate[], weight: number, floor: number | null = null) =>
  Object.fromEntries(fuse(candidates, weight, floor).map(({ versionId, score }) => [versionId, score]))

describe('fusion', () => {
  test('brings both to 0…1 over the candidates, and weighs them', () => {
    const both = [candidate('a', 10, 0.2), candidate('b', 5, 0.6), candidate('c', 0, 0.4)]
    const fused = scores(both, 0.2)
    expect(fused['a']).toBeCloseTo(0.8)
    expect(fused['b']).toBeCloseTo(0.8 * 0.5 + 0.2)
    expect(fused['c']).toBeCloseTo(0.2 * 0.5)
  })

  test('keeps the order of the words where nothing has a vector', () => {
    const words = [candidate('b', 1, null), candidate('a', 3, null), candidate('c', 2, null)]
    expect(fuse(words, 0.5, null).map(({ versionId }) => versionId)).toEqual(['a', 'c', 'b'])
    expect(scores(words, 0.5)['a']).toBe(1)
  })

  test('neither lifts nor lowers a passage without a vector against one that is as near as its words say', () => {
    const mixed = [
      candidate('best', 10, 0.9),
      candidate('with', 5, 0.5),
      candidate('without', 5, null),
      candidate('worst', 0, 0.1),
    ]
    const fused = scores(mixed, 0.3)
    expect(fused['with']).toBeCloseTo(fused['without'] ?? 0)
  })

  test('of one candidate, and of equal ones, is defined', () => {
    expect(scores([candidate('a', 7, 0.3)], 0.2)['a']).toBeCloseTo(1)
    expect(scores([candidate('a', 0, 0.3)], 0.2)['a']).toBeCloseTo(0.2)
    const equal = [candidate('b', 4, 0.5), candidate('a', 4, 0.5)]
    expect(fuse(equal, 0.2, null).map(({ versionId, score }) => [versionId, score])).toEqual([
      ['a', 1],
      ['b', 1],
    ])
    expect(fuse([], 0.2, null)).toEqual([])
  })

  test('shows a passage without any of the words only from the floor on, which still sets the scale', () => {
    const found = [candidate('words', 2, 0.5), candidate('near', 0, 0.7), candidate('far', 0, 0.1)]
    const fused = scores(found, 0.5, 0.6)
    expect(Object.keys(fused)).toEqual(['words', 'near'])
    expect(fused['words']).toBeCloseTo(0.5 + 0.5 * (0.4 / 0.6))
  })
})

test('a document counts by its best passage', () => {
  const ranked = [
    { versionId: 'v', ordinal: 4, score: 3 },
    { versionId: 'w', ordinal: 1, score: 2 },
    { versionId: 'v', ordinal: 1, score: 1 },
  ]
  expect(bestOfEachDocument(ranked).map(({ ordinal }) => ordinal)).toEqual([4, 1])
})

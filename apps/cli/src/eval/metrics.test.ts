import { describe, expect, test } from 'vitest'
import { evaluate, ndcg, rank, recall, reciprocalRank } from './metrics.ts'

describe('rank', () => {
  test('orders by score, and ties by document id descending', () => {
    expect(
      rank([
        ['a', 1],
        ['c', 2],
        ['b', 1],
      ]),
    ).toEqual(['c', 'b', 'a'])
  })
  test('counts scores that are equal as 32-bit floats as a tie', () => {
    expect(
      rank([
        ['a', 1.00000001],
        ['b', 1],
      ]),
    ).toEqual(['b', 'a'])
  })
  test('counts a repeated document once, with its best score', () => {
    expect(
      rank([
        ['a', 1],
        ['b', 2],
        ['a', 3],
      ]),
    ).toEqual(['a', 'b'])
  })
})

// By hand: gains in rank order 0, 2, 1, 0; ideal 2, 1, 1.
// DCG = 2/log2(3) + 1/log2(4) = 1.2618595 + 0.5; ideal = 2 + 1/log2(3) + 1/log2(4) = 3.1309298.
const judged = new Map([
  ['d2', 2],
  ['d3', 1],
  ['d9', 1],
  ['d4', 0],
])
const ranking = ['d1', 'd2', 'd3', 'd4']

describe('figures of one query', () => {
  test('nDCG has linear gains', () => {
    expect(ndcg(ranking, judged, 10)).toBeCloseTo(1.7618595 / 3.1309298, 6)
    expect(ndcg(ranking, judged, 2)).toBeCloseTo(1.2618595 / 2.6309298, 6)
  })
  test('recall counts relevant documents only', () => {
    expect(recall(ranking, judged, 10)).toBeCloseTo(2 / 3, 9)
    expect(recall(ranking, judged, 1)).toBe(0)
  })
  test('reciprocal rank stops at the cut', () => {
    expect(reciprocalRank(ranking, judged, 10)).toBe(0.5)
    expect(reciprocalRank(ranking, judged, 1)).toBe(0)
  })
})

test('a judged query without results counts 0 in the means', () => {
  const run = new Map([['q1', [['d2', 1]] as const]])
  const metrics = evaluate(
    run,
    new Map([
      ['q1', new Map([['d2', 1]])],
      ['q2', new Map([['d2', 1]])],
    ]),
  )
  expect(metrics).toEqual({ ndcg10: 0.5, recall10: 0.5, recall100: 0.5, mrr10: 0.5 })
})

test('no judgements are an error, not a zero', () => {
  expect(() => evaluate(new Map(), new Map())).toThrow(RangeError)
})

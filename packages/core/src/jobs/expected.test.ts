import { describe, expect, test } from 'vitest'
import { aheadOfWaiting, remainingMs, type Standing } from './expected.ts'
import { sizeClassOf, type Line } from './line.ts'

const NOW = new Date('2026-03-04T12:00:00Z')
const line: Line = {
  pausedAt: null,
  places: 4,
  running: 4,
  queued: 6,
  othersWaiting: [100, 1],
  tookMs: new Map([
    [null, 8_000],
    [3, 20_000],
  ]),
}
const standing: Standing = { state: 'queued', sizeClass: 0, ahead: 10, startedAt: null, progress: null }
const left = (of: Partial<Standing>, at: Partial<Line> = {}) =>
  remainingMs({ ...standing, ...of }, { ...line, ...at }, NOW)
const ago = (ms: number) => new Date(NOW.getTime() - ms)

describe('how long it takes', () => {
  test.each([
    // Half of one that runs, ten before it over four places, and its own.
    [{}, {}, 1_000 + 20_000 + 8_000],
    [{ sizeClass: 3 }, {}, 1_000 + 20_000 + 20_000],
    [{ ahead: 0 }, { running: 3 }, 8_000],
    [{ state: 'running', startedAt: ago(3_000) }, {}, 5_000],
    // Longer than others of its size: by how far it has got.
    [{ state: 'running', startedAt: ago(9_000), progress: 75 }, {}, 3_000],
    [{ state: 'running', startedAt: ago(9_000), progress: 100 }, {}, 1_000],
  ] as const)('%j, the line %j: %i ms', (of, at, ms) => {
    expect(left(of, at)).toBe(ms)
  })

  test.each([
    ['nothing has ended yet', {}, { tookMs: new Map() }],
    ['its place is not known', { ahead: null }, {}],
    ['nobody works', {}, { places: 0 }],
    ['the queue is paused', {}, { pausedAt: NOW }],
    ['it has run for long and says nothing', { state: 'running', startedAt: ago(9_000) }, {}],
  ])('is not told where %s', (_what, of, at) => {
    expect(left(of, at)).toBeNull()
  })
})

test('of each other organisation as many are before it as have their turn until then', () => {
  expect(aheadOfWaiting(0, line)).toBe(6)
  expect(aheadOfWaiting(5, line)).toBe(6 + 5 + 5 + 1)
})

test('files of about the same size are one class', () => {
  expect([0, 16 * 1024 - 1, 16 * 1024, 5 * 1024 * 1024, 10 ** 12, null].map(sizeClassOf)).toEqual([0, 0, 1, 5, 7, null])
})

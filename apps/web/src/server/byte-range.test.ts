import { expect, it } from 'vitest'
import { parseRange } from './byte-range.ts'

it.each([
  [null, { kind: 'whole' }],
  ['bytes=0-', { kind: 'part', start: 0, end: 10 }],
  ['bytes=0-0', { kind: 'part', start: 0, end: 1 }],
  ['bytes=3-5', { kind: 'part', start: 3, end: 6 }],
  ['bytes=3-500', { kind: 'part', start: 3, end: 10 }],
  ['bytes=-4', { kind: 'part', start: 6, end: 10 }],
  ['bytes=-400', { kind: 'part', start: 0, end: 10 }],
  ['bytes=-0', { kind: 'unsatisfiable' }],
  ['bytes=10-', { kind: 'unsatisfiable' }],
  ['bytes=5-3', { kind: 'whole' }],
  ['bytes=0-1,3-4', { kind: 'whole' }],
  ['bytes=-', { kind: 'whole' }],
  ['lines=0-1', { kind: 'whole' }],
])('%s of ten bytes', (header, range) => {
  expect(parseRange(header, 10)).toEqual(range)
})

import { expect, it } from 'vitest'
import { pageRanges } from './page-ranges.ts'

it('says neighbours as one range', () => {
  expect(pageRanges([3, 4, 5, 9])).toEqual([
    { from: 3, to: 5 },
    { from: 9, to: 9 },
  ])
  expect(pageRanges([])).toEqual([])
  expect(pageRanges([1])).toEqual([{ from: 1, to: 1 }])
})

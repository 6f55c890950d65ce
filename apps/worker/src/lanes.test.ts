import { JOBS } from '@quarry/jobs'
import { expect, test } from 'vitest'
import { lanesOf } from './lanes.ts'

test('every job is in exactly one lane', () => {
  const lanes = lanesOf(2)
  expect(lanes.flatMap(({ jobs }) => jobs).toSorted()).toEqual(Object.keys(JOBS).toSorted())
})

test('embedding takes no place from reading files', () => {
  expect(lanesOf(3).map(({ concurrency }) => concurrency)).toEqual([4, 1])
})

test('a heap of files leaves a place to the one that somebody waits for', () => {
  const [files] = lanesOf(3)
  expect(files).toMatchObject({ concurrency: 4, bulk: 3 })
})

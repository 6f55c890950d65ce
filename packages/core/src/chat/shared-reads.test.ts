import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSharedReads } from './shared-reads.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('reads once for all who ask within 400 ms, for each key, and again after that', async () => {
  const shared = createSharedReads<number>()
  let reads = 0
  const read = async () => ++reads
  expect(await Promise.all([shared('a', read), shared('a', read), shared('b', read)])).toEqual([1, 1, 2])
  vi.advanceTimersByTime(399)
  expect(await shared('a', read)).toBe(1)
  vi.advanceTimersByTime(1)
  expect(await shared('a', read)).toBe(3)
})

it('a read that failed is made again', async () => {
  const shared = createSharedReads<number>()
  const failing = () => Promise.reject(new Error('away'))
  await expect(Promise.all([shared('a', failing), shared('a', failing)])).rejects.toThrow('away')
  expect(await shared('a', async () => 1)).toBe(1)
})

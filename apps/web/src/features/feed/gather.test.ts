import { beforeEach, expect, it, vi } from 'vitest'
import { createGatherer } from './gather.ts'

beforeEach(() => {
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})

const setUp = () => {
  const flushed: (readonly string[])[] = []
  return { flushed, gatherer: createGatherer<string>((items) => flushed.push(items)) }
}

it('hands on what came together, each once, a moment later', () => {
  const { flushed, gatherer } = setUp()
  for (const item of ['a', 'b', 'a']) gatherer.add(item)
  vi.advanceTimersByTime(249)
  expect(flushed).toEqual([])
  vi.advanceTimersByTime(1)
  expect(flushed).toEqual([['a', 'b']])
})

it('reads a storm in growing pauses, and forgets none of it', () => {
  const { flushed, gatherer } = setUp()
  for (let tick = 0; tick < 600; tick++) {
    gatherer.add(String(tick))
    vi.advanceTimersByTime(100)
  }
  vi.advanceTimersByTime(2_000)
  expect(flushed.flat()).toEqual(Array.from({ length: 600 }, (_, tick) => String(tick)))
  // A minute of it: one every two seconds, after the first few.
  expect(flushed.length).toBeLessThan(36)
  expect(flushed.length).toBeGreaterThan(28)
})

it('is quick again after a quiet time', () => {
  const { flushed, gatherer } = setUp()
  for (let tick = 0; tick < 100; tick++) {
    gatherer.add(String(tick))
    vi.advanceTimersByTime(100)
  }
  vi.advanceTimersByTime(10_000)
  const before = flushed.length
  gatherer.add('later')
  vi.advanceTimersByTime(250)
  expect(flushed.slice(before)).toEqual([['later']])
})

it('hands nothing on after the end', () => {
  const { flushed, gatherer } = setUp()
  gatherer.add('a')
  gatherer.cancel()
  vi.advanceTimersByTime(10_000)
  expect(flushed).toEqual([])
})

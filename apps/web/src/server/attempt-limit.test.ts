import { expect, it } from 'vitest'
import { createAttemptLimit } from './attempt-limit.ts'

it('lets so many attempts of one key through in a window, and then says how long to wait', () => {
  const limit = createAttemptLimit(10, 60_000)
  const waits = Array.from({ length: 12 }, (_, i) => limit.count('a', 1000 + i))
  expect(waits).toEqual([...Array.from({ length: 10 }, () => 0), 60, 60])
  expect(limit.count('b', 1020)).toBe(0)
  expect(limit.count('a', 61_001)).toBe(0)
})

it('does not count what is taken back or forgotten', () => {
  const limit = createAttemptLimit(2, 60_000)
  for (let i = 0; i < 10; i++) {
    expect(limit.count('a', 1000)).toBe(0)
    limit.refund('a')
  }
  for (let i = 0; i < 3; i++) limit.count('b', 1000)
  limit.forget('b')
  expect(limit.count('b', 1000)).toBe(0)
})

it('remembers ten thousand keys at most', () => {
  const limit = createAttemptLimit(1, 60_000)
  limit.count('first', 1000)
  for (let i = 0; i < 10_000; i++) limit.count(String(i), 1000)
  expect(limit.count('first', 1000)).toBe(0)
  expect(limit.count('9999', 1000)).toBeGreaterThan(0)
})

import { describe, expect, test } from 'vitest'
import { createAdmission } from './admission.ts'

/**
 * Requests that come `perSecond` times a second for a while to a process that answers `rate` a second, one after the
 * other, in simulated time: how many were refused, and how long the others took.
 */
const simulate = (most: number, perSecond: number, rate: number, seconds: number, admitted = createAdmission) => {
  let clock = 0
  const admission = admitted(most, () => clock)
  const queue: { since: number; leave: () => void }[] = []
  const millis: number[] = []
  let refused = 0
  let due = 0
  let done = 0
  for (; clock < seconds * 1_000; clock += 1) {
    for (due += perSecond / 1_000; due >= 1; due--) {
      const leave = admission.enter()
      if (leave === null) refused++
      else queue.push({ since: clock, leave })
    }
    done = queue.length === 0 ? 0 : done + rate / 1_000
    for (; done >= 1 && queue.length > 0; done--) {
      const next = queue.shift()
      next?.leave()
      // What comes of it once the limit has found its place.
      if (next && clock > 10_000) millis.push(clock - next.since)
    }
  }
  const sorted = millis.toSorted((a, b) => a - b)
  return { refused, served: millis.length, p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? 0, admission }
}

describe('check 36: a process lets in what it can answer in time', () => {
  test('at three times of what it can do, what is let in is answered in time, and no capacity is lost', () => {
    const { refused, served, p95Ms } = simulate(128, 210, 70, 30)
    expect(refused).toBeGreaterThan(0)
    expect(p95Ms).toBeLessThan(600)
    // 20 s of 70 a second are measured.
    expect(served).toBeGreaterThan(0.95 * 70 * 20)
  })

  test('mutation: with a fixed bound in its place everybody waits for 128 others', () => {
    const fixed = (most: number) => {
      let inside = 0
      return {
        limit: () => most,
        enter: () => (inside >= most ? null : (inside++, () => void inside--)),
      }
    }
    expect(simulate(128, 210, 70, 30, fixed).p95Ms).toBeGreaterThan(1_500)
  })

  test('control: nobody is refused below what it can do', () => {
    expect(simulate(128, 60, 70, 30).refused).toBe(0)
  })

  test('who waits is noticed long before the bound is reached', () => {
    let clock = 0
    const admission = createAdmission(128, () => clock)
    for (let i = 0; i < 8; i++) {
      const leaves = Array.from({ length: 60 }, () => admission.enter())
      clock += 3_000
      for (const leave of leaves) leave?.()
    }
    expect(admission.limit()).toBeLessThan(20)
  })

  test('some slow answers are no overload', () => {
    let clock = 0
    const admission = createAdmission(128, () => clock)
    for (let i = 0; i < 100; i++) {
      const leaves = Array.from({ length: 16 }, () => admission.enter())
      expect(leaves).not.toContain(null)
      clock += 2_000
      for (const leave of leaves) leave?.()
    }
    expect(admission.limit()).toBe(128)
  })

  test('all is let in again soon after it was too much', () => {
    let clock = 0
    const admission = createAdmission(128, () => clock)
    for (let i = 0; i < 40; i++) {
      const leaves = Array.from({ length: 200 }, () => admission.enter())
      clock += 1_000
      for (const leave of leaves) leave?.()
    }
    expect(admission.limit()).toBeLessThan(20)
    const before = clock
    while (admission.limit() < 128 && clock - before < 60_000) {
      const leave = admission.enter()
      clock += 20
      leave?.()
    }
    expect(clock - before).toBeLessThan(30_000)
  })

  test('a place is left once, however often that is said', () => {
    const admission = createAdmission(1)
    const leave = admission.enter()
    leave?.()
    leave?.()
    expect(admission.enter()).not.toBeNull()
    expect(admission.enter()).toBeNull()
  })
})

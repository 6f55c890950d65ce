import { expect, test, vi } from 'vitest'
import { createTurns } from './turns.ts'

const never = new AbortController().signal

test('a file of a heap rests while somebody waits for another, and goes on when that one is done', async () => {
  const turns = createTurns()
  const [awaited, heap] = [turns.enter(false), turns.enter(true)]
  let went = false
  const step = heap.mine(never).then(() => (went = true))
  await awaited.mine(never)
  expect(went).toBe(false)
  awaited.leave()
  await step
  expect(went).toBe(true)
})

test('one that is left twice counts once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const turns = createTurns()
  const [first, second, heap] = [turns.enter(false), turns.enter(false), turns.enter(true)]
  first.leave()
  first.leave()
  let went = false
  void heap.mine(never).then(() => (went = true))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(went).toBe(false)
  second.leave()
  await vi.advanceTimersByTimeAsync(100)
  expect(went).toBe(true)
  vi.useRealTimers()
})

test('it goes on after some seconds at the latest, whoever waits', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const turns = createTurns()
  turns.enter(false)
  let went = false
  void turns
    .enter(true)
    .mine(never)
    .then(() => (went = true))
  await vi.advanceTimersByTimeAsync(2_900)
  expect(went).toBe(false)
  await vi.advanceTimersByTimeAsync(200)
  expect(went).toBe(true)
  vi.useRealTimers()
})

test('whoever rests is told why it ends', async () => {
  const turns = createTurns()
  turns.enter(false)
  const stop = new AbortController()
  const step = turns.enter(true).mine(stop.signal)
  stop.abort(new Error('stopping'))
  await expect(step).rejects.toThrow('stopping')
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RunLogWriter } from '@quarry/cache'
import { AppError, type RunEvent, type RunEventBody } from '@quarry/contracts'
import { createCoalescedLog } from './coalesced-log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const text = (delta: string): RunEventBody => ({ type: 'text', delta })
const STATUS: RunEventBody = { type: 'status', status: 'searching' }

/** A log whose appends take `takesMs`, and what was appended and told, and when. */
const newLog = (takesMs = 0, isCrowded = () => false) => {
  const appended: { at: number; bodies: readonly RunEventBody[] }[] = []
  const told: RunEvent[] = []
  const lost: unknown[] = []
  const start = performance.now()
  let refusal: AppError | undefined
  let id = 0
  let before: Promise<unknown> = Promise.resolve()
  const writer: RunLogWriter = {
    append: (bodies) => {
      const events = bodies.map((body) => ({ ...body, id: ++id, attempt: 1 }))
      const answer = before.then(async () => {
        appended.push({ at: performance.now() - start, bodies })
        if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs))
        if (refusal !== undefined) throw refusal
        return events
      })
      before = answer.catch(() => undefined)
      return answer
    },
  }
  const log = createCoalescedLog(
    writer,
    (events) => told.push(...events),
    (error) => lost.push(error),
    isCrowded,
  )
  return { log, appended, told, lost, refuse: () => (refusal = new AppError('conflict')) }
}

test('the first text that can be seen goes at once, and what follows together after 40 ms', async () => {
  const { log, appended } = newLog()
  for (const delta of [' ', 'The', ' mast', ' is']) await log.append(text(delta))
  await vi.advanceTimersByTimeAsync(0)
  expect(appended).toEqual([{ at: 0, bodies: [text(' The')] }])
  await vi.advanceTimersByTimeAsync(39)
  expect(appended).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(appended[1]).toEqual({ at: 40, bodies: [text(' mast is')] })
  await vi.advanceTimersByTimeAsync(1000)
  expect(appended).toHaveLength(2)
})

test('while an append is under way text waits for its end, for 120 ms at most', async () => {
  const { log, appended } = newLog(70)
  await log.append(text('a'))
  await log.append(text('b'))
  await vi.advanceTimersByTimeAsync(69)
  expect(appended).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(appended[1]).toEqual({ at: 70, bodies: [text('b')] })

  const slow = newLog(1000)
  await slow.log.append(text('a'))
  for (let i = 0; i < 30; i++) {
    await slow.log.append(text('b'))
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(10_000)
  // In the order of their ids, a chunk for each 120 ms.
  expect(slow.told.map(({ id }) => id)).toEqual([1, 2, 3, 4])
})

test('anything else goes at once, together with the text before it and after it', async () => {
  const { log, appended, told } = newLog(5)
  await log.append(text('a'))
  await log.append(text('b'))
  const appending = log.append(STATUS)
  await vi.advanceTimersByTimeAsync(20)
  await appending
  expect(appended.map(({ bodies }) => bodies)).toEqual([[text('a')], [text('b'), STATUS]])
  expect(told.map(({ id, type }) => [id, type])).toEqual([
    [1, 'text'],
    [2, 'text'],
    [3, 'status'],
  ])
})

test('flush leaves nothing behind, and tells all before it resolves', async () => {
  const { log, told } = newLog(5)
  for (const delta of ['a', 'b', 'c']) await log.append(text(delta))
  const flushing = log.flush()
  await vi.advanceTimersByTimeAsync(20)
  await flushing
  expect(told.map((event) => event.type === 'text' && event.delta)).toEqual(['a', 'bc'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a log that refuses says so once and in every later call, and is told nothing more', async () => {
  const { log, appended, told, lost, refuse } = newLog()
  await log.append(text('a'))
  await vi.advanceTimersByTimeAsync(0)
  refuse()
  await log.append(text('b'))
  await vi.advanceTimersByTimeAsync(40)
  expect(lost).toEqual([expect.objectContaining({ code: 'conflict' })])
  await expect(log.append(text('c'))).rejects.toMatchObject({ code: 'conflict' })
  await expect(log.append(STATUS)).rejects.toMatchObject({ code: 'conflict' })
  await expect(log.flush()).rejects.toMatchObject({ code: 'conflict' })
  await vi.advanceTimersByTimeAsync(1000)
  expect(appended).toHaveLength(2)
  expect(told.map(({ id }) => id)).toEqual([1])
  expect(lost).toHaveLength(1)
})

test('in a crowd text is gathered twice as long, and at once again when it has gone', async () => {
  let crowded = true
  const { log, appended } = newLog(0, () => crowded)
  for (const delta of ['a ', 'b ', 'c ']) {
    await log.append(text(delta))
    await vi.advanceTimersByTimeAsync(30)
  }
  expect(appended.map(({ at }) => at)).toEqual([0])
  await vi.advanceTimersByTimeAsync(60)
  crowded = false
  await log.append(text('d'))
  await vi.advanceTimersByTimeAsync(41)
  expect(appended.map(({ at, bodies }) => [at, bodies])).toEqual([
    [0, [text('a ')]],
    [110, [text('b c ')]],
    [190, [text('d')]],
  ])
})

import { expect, onTestFinished, test } from 'vitest'
import { createMemoryRunLog, type MemoryRunLogOptions } from '../index.ts'
import { collect, END, newRef, text } from '../testing/runs.ts'

const never = new AbortController().signal
const newLog = (options?: MemoryRunLogOptions) => {
  const log = createMemoryRunLog(options)
  onTestFinished(() => log.close())
  return log
}

test('is kept for a while after its end, and one without an end much longer', async () => {
  let now = 0
  const log = newLog({ keepEndedMs: 1_000, now: () => now })
  const [ended, open] = [newRef(), newRef()]
  await (await log.open(ended, 1)).append([END])
  const writer = await log.open(open, 1)
  now = 900
  log.sweep()
  expect(await collect(log.tail(ended, 0, never))).not.toEqual([])
  now = 1_100
  log.sweep()
  expect(await collect(log.tail(ended, 0, never))).toEqual([])
  expect(log.size).toBe(1)
  const reading = collect(log.tail(open, 0, never))
  now = 24 * 3_600_000
  log.sweep()
  expect(await reading).toEqual([])
  expect(log.size).toBe(0)
  await expect(writer.append([text('x')])).rejects.toMatchObject({ code: 'conflict' })
})

test('never holds more logs than allowed, running ones excepted', async () => {
  const log = newLog({ mostLogs: 10 })
  const running = newRef()
  await log.open(running, 1)
  for (let i = 0; i < 50; i++) await (await log.open(newRef(), 1)).append([END])
  log.sweep()
  expect(log.size).toBe(10)
  await expect(log.open(running, 1)).rejects.toMatchObject({ code: 'conflict' })
})

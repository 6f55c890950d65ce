import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { OrgId, RunEvent, RunEventBody, RunId } from '@quarry/contracts'
import { createMemoryRunLog, type MemoryRunLogOptions, type RunRef } from './index.ts'

const END: RunEventBody = {
  type: 'end',
  state: 'complete',
  abstained: false,
  model: 'test',
  usage: { inputTokens: 1, outputTokens: 1, steps: 1 },
  timings: { firstTokenMs: 1, totalMs: 2 },
}
const text = (delta: string): RunEventBody => ({ type: 'text', delta })
const newRef = (): RunRef => ({ orgId: randomUUID() as OrgId, runId: randomUUID() as RunId })
const never = new AbortController().signal
const newLog = (options?: MemoryRunLogOptions) => {
  const log = createMemoryRunLog(options)
  onTestFinished(() => log.close())
  return log
}
const collect = async (events: AsyncIterable<RunEvent> | null): Promise<RunEvent[]> => {
  if (events === null) throw new Error('no log')
  const all: RunEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

describe('a run log', () => {
  test('numbers events from 1 and gives every reader all of them after its place, live ones included', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1)
    await writer.append([text('a')])
    const readers = [0, 0, 1].map((after) => collect(log.tail(ref, after, never)))
    for (const delta of ['b', 'c']) await writer.append([text(delta)])
    await writer.append([END])
    readers.push(collect(log.tail(ref, 2, never)))
    const ids = (await Promise.all(readers)).map((events) => events.map((event) => event.id))
    expect(ids).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [2, 3, 4],
      [3, 4],
    ])
  })

  test('a reader that stands still holds up neither the writer nor another reader', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1)
    const still = log.tail(ref, 0, never)[Symbol.asyncIterator]()
    const fast = collect(log.tail(ref, 0, never))
    for (let i = 0; i < 1_000; i++) await writer.append([text(String(i))])
    await writer.append([END])
    expect(await fast).toHaveLength(1_001)
    expect((await still.next()).value).toMatchObject({ id: 1, delta: '0' })
  })

  test('a reader that goes away ends at once, whether events are there or not', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1)
    const leaving = new AbortController()
    const waiting = collect(log.tail(ref, 0, leaving.signal))
    await writer.append([text('a')])
    leaving.abort()
    expect((await waiting).length).toBeLessThanOrEqual(1)
    expect(await collect(log.tail(ref, 0, leaving.signal))).toEqual([])
  })

  test('thousands of readers that came and went leave no listener on their signal', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1)
    let listeners = 0
    const signal = new AbortController().signal
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args))
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args))
    const reading = collect(log.tail(ref, 0, signal))
    for (let i = 0; i < 500; i++) {
      await writer.append([text('x')])
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writer.append([END])
    expect(await reading).toHaveLength(501)
    expect(listeners).toBe(0)
  })

  test('a newer attempt fences the older one off; numbering goes on', async () => {
    const log = newLog()
    const ref = newRef()
    const old = await log.open(ref, 1)
    await old.append([text('a')])
    const reading = collect(log.tail(ref, 0, never))
    const current = await log.open(ref, 2)
    await expect(old.append([text('late')])).rejects.toMatchObject({ code: 'conflict' })
    await current.append([{ type: 'reset' }])
    await current.append([END])
    expect((await reading).map(({ id, attempt, type }) => [id, attempt, type])).toEqual([
      [1, 1, 'text'],
      [2, 2, 'reset'],
      [3, 2, 'end'],
    ])
    for (const attempt of [1, 2, 3]) await expect(log.open(ref, attempt)).rejects.toMatchObject({ code: 'conflict' })
    await expect(current.append([text('after the end')])).rejects.toMatchObject({ code: 'conflict' })
  })

  test('of another organisation, or of no run, is not there', async () => {
    const log = newLog()
    const ref = newRef()
    await log.open(ref, 1)
    expect(await collect(log.tail({ ...ref, orgId: randomUUID() as OrgId }, 0, never))).toEqual([])
    expect(await collect(log.tail(newRef(), 0, never))).toEqual([])
  })

  test('taken over after a restart goes on after what Postgres knows; earlier events are read from there', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 2, 57)
    expect((await writer.append([{ type: 'reset' }]))[0]?.id).toBe(58)
    expect(await collect(log.tail(ref, 12, never))).toEqual([])
    expect(await collect(log.tail(ref, 99, never))).toEqual([])
    await writer.append([END])
    expect((await collect(log.tail(ref, 57, never))).map((event) => event.id)).toEqual([58, 59])
  })

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
})

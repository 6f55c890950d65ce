import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { OrgId, RunEventBody } from '@quarry/contracts'
import {
  createMemoryRunLog,
  createRedisRunLog,
  firstIdOf,
  openRedisLink,
  ReaderTooSlow,
  type RunLog,
} from '../index.ts'
import { collect, END, newRef, text, waitFor } from '../testing/runs.ts'
import { startTestRedis, type TestRedis } from '../testing/test-redis.ts'

const never = new AbortController().signal

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
afterAll(() => redis.close())

const LOGS: Readonly<Record<string, () => RunLog>> = {
  memory: createMemoryRunLog,
  Redis: () => {
    const link = openRedisLink(redis.adapter, { commandDeadlineMs: 10_000 })
    onTestFinished(() => link.close())
    return createRedisRunLog(link, redis.adapter)
  },
}

describe.each(Object.keys(LOGS))('a run log in %s', (kind) => {
  const newLog = (): RunLog => {
    const log = LOGS[kind]?.()
    if (log === undefined) throw new Error(`no log of kind ${kind}`)
    onTestFinished(() => void log.close())
    return log
  }

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

  test('takes events of every kind as they are, several at once in their order', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1)
    const bodies: RunEventBody[] = [
      { type: 'status', status: 'searching' },
      { type: 'tool', callId: 'c', tool: 'search_documents', phase: 'call', summary: 'mast “torque” \u2028 \n ü😀' },
      text('\u0001 "quoted" \\ é'),
      { type: 'reset', text: 'so far', citations: [], steps: [] },
      { type: 'error', failure: { code: 'x', message: 'm', action: 'a', retryable: true } },
      END,
    ]
    expect((await writer.append(bodies)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
    expect(await collect(log.tail(ref, 0, never))).toEqual(
      bodies.map((body, i) => ({ ...body, id: i + 1, attempt: 1 })),
    )
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
    await still.return?.()
  })

  test('a reader that takes nothing for a megabyte is told to come back; another one is not', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1)
    await writer.append([text('first')])
    const slow = log.tail(ref, 0, never)[Symbol.asyncIterator]()
    expect((await slow.next()).value).toMatchObject({ id: 1 })
    // It has asked for what is next, so it is a reader of live events from here on.
    const second = slow.next()
    const fast = collect(log.tail(ref, 0, never))
    await writer.append([text('second')])
    expect((await second).value).toMatchObject({ id: 2 })
    for (let i = 0; i < 15; i++) {
      await writer.append([text('x'.repeat(100_000))])
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await writer.append([END])
    expect(await fast).toHaveLength(18)
    await expect(slow.next()).rejects.toBeInstanceOf(ReaderTooSlow)
    expect((await collect(log.tail(ref, 2, never))).map(({ id }) => id).at(-1)).toBe(18)
  })

  test('what was there before a reader came is no backlog, however much it is', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1)
    for (let i = 0; i < 30; i++) await writer.append([text('x'.repeat(100_000))])
    const reading = log.tail(ref, 0, never)[Symbol.asyncIterator]()
    await reading.next()
    await writer.append([END])
    for (let id = 2; id <= 31; id++) expect((await reading.next()).value).toMatchObject({ id })
    expect((await reading.next()).done).toBe(true)
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

  test('readers that came and went leave no listener on their signal', async () => {
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
    const left = log.tail(ref, 0, signal)[Symbol.asyncIterator]()
    for (let i = 0; i < 200; i++) {
      await writer.append([text('x')])
      await new Promise((resolve) => setImmediate(resolve))
    }
    await left.next()
    await left.return?.()
    await writer.append([END])
    expect(await reading).toHaveLength(201)
    expect(listeners).toBe(0)
  })

  test('a newer attempt fences the older one off, and readers go on with it', async () => {
    const log = newLog()
    const ref = newRef()
    const old = await log.open(ref, 1)
    await old.append([text('a')])
    const reading = collect(log.tail(ref, 0, never))
    const current = await log.open(ref, 2)
    await expect(old.append([text('late')])).rejects.toMatchObject({ code: 'conflict' })
    await current.append([{ type: 'reset' }])
    await expect(old.append([text('later')])).rejects.toMatchObject({ code: 'conflict' })
    await current.append([END])
    const first = firstIdOf(2)
    const all = [
      [1, 1, 'text'],
      [first, 2, 'reset'],
      [first + 1, 2, 'end'],
    ]
    expect((await reading).map(({ id, attempt, type }) => [id, attempt, type])).toEqual(all)
    expect((await collect(log.tail(ref, 0, never))).map(({ id, attempt, type }) => [id, attempt, type])).toEqual(all)
    for (const attempt of [1, 2, 3]) await expect(log.open(ref, attempt)).rejects.toMatchObject({ code: 'conflict' })
    await expect(current.append([text('after the end')])).rejects.toMatchObject({ code: 'conflict' })
  })

  test('the same attempt is opened once', async () => {
    const log = newLog()
    const ref = newRef()
    await log.open(ref, 2)
    for (const attempt of [1, 2]) await expect(log.open(ref, attempt)).rejects.toMatchObject({ code: 'conflict' })
    await log.open(ref, 3)
  })

  test('a take-over after a loss gives what stands for all that was before, to whoever comes from before it', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 2, 57)
    const first = firstIdOf(2)
    expect((await writer.append([{ type: 'reset', text: 'so far' }, text('!')]))[0]?.id).toBe(first)
    await writer.append([END])
    for (const seen of [0, 12, 57, 99])
      expect((await collect(log.tail(ref, seen, never))).map(({ id }) => id)).toEqual([first, first + 1, first + 2])
    expect((await collect(log.tail(ref, first, never))).map(({ id }) => id)).toEqual([first + 1, first + 2])
    expect(await collect(log.tail(ref, first + 9, never))).toEqual([])
  })

  test('numbers after what Postgres knows, where that is more', async () => {
    const log = newLog()
    const ref = newRef()
    const writer = await log.open(ref, 1, 57)
    expect((await writer.append([text('a')]))[0]?.id).toBe(58)
    // What is between is in Postgres only.
    expect(await collect(log.tail(ref, 12, never))).toEqual([])
    await writer.append([END])
    expect((await collect(log.tail(ref, 57, never))).map(({ id }) => id)).toEqual([58, 59])
  })

  test('of another organisation, or of no run, is not there', async () => {
    const log = newLog()
    const ref = newRef()
    await (await log.open(ref, 1)).append([text('secret')])
    expect(await collect(log.tail({ ...ref, orgId: randomUUID() as OrgId }, 0, never))).toEqual([])
    expect(await collect(log.tail(newRef(), 0, never))).toEqual([])
  })

  test('closing it ends every reader', async () => {
    const log = newLog()
    const ref = newRef()
    await (await log.open(ref, 1)).append([text('a')])
    const seen: number[] = []
    const reading = (async () => {
      for await (const { id } of log.tail(ref, 0, never)) seen.push(id)
    })()
    await waitFor(() => seen.length === 1)
    await log.close()
    await reading
    expect(seen).toEqual([1])
  })
})

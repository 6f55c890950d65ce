import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RunEvent } from '@quarry/contracts'
import { firstIdOf, isKnownRedisKey, type RedisLink, type RunLog, type RunRef } from '../index.ts'
import { runLogProcess } from '../testing/run-log-process.ts'
import { collect, END, newRef, text, waitFor } from '../testing/runs.ts'
import { startTestRedis, type TestRedis } from '../testing/test-redis.ts'
import { runKeys } from './run-keys.ts'

const never = new AbortController().signal

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
beforeEach(() => redis.restart())
afterAll(() => redis.close())

const newProcess = (options?: Parameters<typeof runLogProcess>[1]) => runLogProcess(redis.adapter, options)

/** A reader that notes what it is given, until its tail ends. */
const readOn = (log: RunLog, ref: RunRef, afterId = 0) => {
  const events: RunEvent[] = []
  const leaving = new AbortController()
  const ended = (async () => {
    for await (const event of log.tail(ref, afterId, leaving.signal)) events.push(event)
  })()
  return { events, ended, leave: () => leaving.abort(), ids: () => events.map(({ id }) => id) }
}

/** Connections that are open to Redis, but for the one that asks. */
const connections = async (link: RedisLink): Promise<number> => {
  const list = await link.run((commands) => commands.client('LIST'))
  return String(list).trim().split('\n').length - 1
}

const isBack = (link: RedisLink) => waitFor(() => link.state === 'closed')

test('readers in another process get what is written here, all of them over one connection', async () => {
  const writing = newProcess()
  const reading = newProcess()
  const refs = Array.from({ length: 40 }, newRef)
  const writers = await Promise.all(refs.map((ref) => writing.log.open(ref, 1)))
  await Promise.all(writers.map((writer) => writer.append([text('a')])))
  const readers = refs.flatMap((ref) => [readOn(reading.log, ref), readOn(reading.log, ref, 1)])
  await waitFor(() => reading.log.size === refs.length)
  for (const delta of ['b', 'c', 'd']) await Promise.all(writers.map((writer) => writer.append([text(delta)])))
  await waitFor(() => readers.every(({ events }) => events.at(-1)?.id === 4))
  // The writer's link; the reader's, and the one that waits.
  expect(await connections(writing.link)).toBe(2)
  await Promise.all(writers.map((writer) => writer.append([END])))
  await Promise.all(readers.map(({ ended }) => ended))
  expect(readers.map((reader) => reader.ids())).toEqual(refs.flatMap(() => [[1, 2, 3, 4, 5], [2, 3, 4, 5]])) // prettier-ignore
})

test('the waiting connection goes when nobody has read for a while, and comes back with the next reader', async () => {
  const { link, log } = newProcess({ idleMs: 50 })
  for (let round = 0; round < 2; round++) {
    const ref = newRef()
    const writer = await log.open(ref, 1)
    const readers = Array.from({ length: 10 }, () => readOn(log, ref))
    await writer.append([text('a')])
    await waitFor(() => readers.every(({ events }) => events.length === 1))
    expect(await connections(link)).toBe(1)
    for (const reader of readers) reader.leave()
    await Promise.all(readers.map(({ ended }) => ended))
    expect(log.size).toBe(0)
    await waitFor(async () => (await connections(link)) === 0)
  }
})

test('a reader of one more run is heard at once, not when the waiting of the others is over', async () => {
  const { log } = newProcess()
  const first = newRef()
  await log.open(first, 1)
  const waiting = readOn(log, first)
  await waitFor(() => log.size === 1)
  const startedAt = performance.now()
  const JOINS = 30
  for (let i = 0; i < JOINS; i++) {
    const ref = newRef()
    const writer = await log.open(ref, 1)
    const reader = readOn(log, ref)
    await waitFor(() => log.size === 2)
    await writer.append([END])
    await reader.ended
    expect(reader.ids()).toEqual([1])
  }
  // Unheard, each would wait half a second on average.
  expect(performance.now() - startedAt).toBeLessThan((JOINS * 500) / 2)
  waiting.leave()
  await waiting.ended
})

test('where hundreds read, each gets the same text in fewer events, in order', async () => {
  const { log } = newProcess()
  const refs = Array.from({ length: 10 }, newRef)
  const writers = await Promise.all(refs.map((ref) => log.open(ref, 1)))
  await Promise.all(writers.map((writer) => writer.append([{ type: 'status', status: 'writing' }])))
  const readers = refs.flatMap((ref) => Array.from({ length: 30 }, () => readOn(log, ref)))
  await waitFor(() => readers.every(({ events }) => events.length === 1))
  const TOKENS = 300
  const parts = Array.from({ length: TOKENS }, (_, i) => `${i} `)
  // As soon as each is in, so that many come between two reads.
  for (const part of parts) await Promise.all(writers.map((writer) => writer.append([text(part)])))
  const late = refs.map((ref) => readOn(log, ref, TOKENS / 2))
  await Promise.all(writers.map((writer) => writer.append([END])))
  await Promise.all([...readers, ...late].map(({ ended }) => ended))
  const shown = ({ events }: (typeof readers)[number]) =>
    events.map((event) => (event.type === 'text' ? event.delta : '')).join('')
  for (const reader of readers) {
    expect(shown(reader)).toBe(parts.join(''))
    expect(reader.ids().length).toBeLessThan(TOKENS)
    expect(reader.ids()).toEqual(reader.ids().toSorted((a, b) => a - b))
    expect(reader.ids().at(-1)).toBe(TOKENS + 2)
  }
  for (const reader of late) expect(shown(reader)).toBe(parts.slice(TOKENS / 2 - 1).join(''))
})

test('a reader that comes late and one that is cut off get the same, beside others who are ahead', async () => {
  const writing = newProcess()
  const reading = newProcess()
  const ref = newRef()
  const writer = await writing.log.open(ref, 1)
  const ahead = readOn(reading.log, ref)
  const all: RunEvent[] = []
  const late: ReturnType<typeof readOn>[] = []
  for (let i = 0; i < 60; i++) {
    all.push(...(await writer.append([text(`${i} `), text('x')])))
    late.push(readOn(reading.log, ref, i))
  }
  all.push(...(await writer.append([END])))
  await Promise.all([ahead.ended, ...late.map(({ ended }) => ended)])
  expect(ahead.events).toEqual(all)
  for (const [i, reader] of late.entries()) expect(reader.events).toEqual(all.slice(i))
})

test('every key is known, and goes by itself: long after the last event, soon after the end', async () => {
  const { link, log } = newProcess()
  const [running, ended] = [newRef(), newRef()]
  await (await log.open(running, 1)).append([text('a')])
  await (await log.open(ended, 1)).append([END])
  const readers = [readOn(log, running)]
  await waitFor(() => log.size === 1)
  readers.push(readOn(log, newRef()), readOn(log, running))
  const other = newRef()
  await log.open(other, 1)
  readers.push(readOn(log, other))
  await waitFor(() => log.size === 2)
  const keys = await link.run((commands) => commands.keys('*'))
  // Two of each run (one without an event yet), and the one that wakes.
  await waitFor(async () => (await link.run((commands) => commands.dbsize())) >= 6)
  for (const key of keys) {
    expect(isKnownRedisKey(key), key).toBe(true)
    expect(await link.run((commands) => commands.pttl(key)), key).toBeGreaterThan(0)
  }
  const leftOf = (key: string) => link.run((commands) => commands.pttl(key))
  for (const key of Object.values(runKeys(running))) expect(await leftOf(key)).toBeGreaterThan(60 * 60_000)
  for (const key of Object.values(runKeys(ended))) expect(await leftOf(key)).toBeLessThanOrEqual(5 * 60_000)
  for (const reader of readers) reader.leave()
})

test.each([
  ['is killed', () => redis.kill(), () => redis.restart()],
  ['says nothing any more', async () => redis.freeze(), async () => redis.thaw()],
])('while Redis %s the writer numbers on, readers end, and both go on when it is back', async (_what, away, back) => {
  const writing = newProcess()
  const reading = newProcess()
  const ref = newRef()
  const writer = await writing.log.open(ref, 1)
  await writer.append([text('a')])
  const reader = readOn(reading.log, ref)
  await waitFor(() => reader.events.length === 1)
  await away()
  expect((await writer.append([text('b'), text('c')])).map(({ id }) => id)).toEqual([2, 3])
  await reader.ended
  for (let id = 4; writing.link.state === 'closed' || id < 12; id++)
    expect((await writer.append([text('d')]))[0]?.id).toBe(id)
  // Nobody waits for it.
  await collect(reading.log.tail(ref, 1, never))
  const [last] = await writer.append([text('e')])
  await back()
  await Promise.all([isBack(writing.link), waitFor(() => reading.link.run((c) => c.ping()).then(() => true, () => false))]) // prettier-ignore
  const [first] = await writer.append([text('f')])
  expect(first?.id).toBe((last?.id ?? 0) + 1)
  const fromPostgres = readOn(reading.log, ref, last?.id)
  const [end] = await writer.append([END])
  await fromPostgres.ended
  expect(fromPostgres.ids()).toEqual([first?.id, end?.id])
  // What was said meanwhile is in Postgres alone.
  const ids = (await collect(reading.log.tail(ref, 1, never))).map(({ id }) => id)
  expect(ids).toEqual(ids.map((_, i) => i + 2))
  expect(ids.at(-1) ?? 1).toBeLessThan(last?.id ?? 0)
})

test('begins where Redis is away, and is there when it is back', async () => {
  const { link, log } = newProcess()
  await redis.kill()
  const ref = newRef()
  const writer = await log.open(ref, 1)
  expect((await writer.append([text('a')]))[0]?.id).toBe(1)
  expect(await collect(log.tail(ref, 0, never))).toEqual([])
  await redis.restart()
  await isBack(link)
  await writer.append([END])
  expect(await collect(log.tail(ref, 0, never))).toEqual([])
  expect((await collect(log.tail(ref, 1, never))).map(({ id }) => id)).toEqual([2])
})

test('Redis that forgets everything is no gap for who has read all, and the end for who has not', async () => {
  const { link, log } = newProcess()
  const ref = newRef()
  const writer = await log.open(ref, 1)
  await writer.append([text('a'), text('b')])
  const reader = readOn(log, ref)
  await waitFor(() => reader.events.length === 2)
  await link.run((commands) => commands.flushall())
  await writer.append([text('c')])
  await waitFor(() => reader.events.length === 3)
  expect(await collect(log.tail(ref, 1, never))).toEqual([])
  await writer.append([END])
  await reader.ended
  expect(reader.ids()).toEqual([1, 2, 3, 4])
})

test.each([
  ['everything', (link: RedisLink) => link.run((commands) => commands.flushall())],
  ['what it knows of the log', (link: RedisLink, ref: RunRef) => link.run((c) => c.del(runKeys(ref).meta))],
])('nobody waits for a log that is lost and silent: Redis forgets %s', async (_what, forget) => {
  const { link, log } = newProcess()
  const [lost, kept] = [newRef(), newRef()]
  await (await log.open(lost, 1)).append([text('a')])
  const reader = readOn(log, lost)
  await waitFor(() => reader.events.length === 1)
  await forget(link, lost)
  const writer = await log.open(kept, 1)
  const other = readOn(log, kept)
  await reader.ended
  expect(reader.ids()).toEqual([1])
  await writer.append([END])
  await other.ended
  expect(other.ids()).toEqual([1])
})

test('one key of two that was dropped is no log, and the next event makes a new one', async () => {
  const { link, log } = newProcess()
  for (const key of ['events', 'meta'] as const) {
    const ref = newRef()
    const writer = await log.open(ref, 1)
    await writer.append([text('a'), text('b')])
    await link.run((commands) => commands.del(runKeys(ref)[key]))
    await writer.append([text('c')])
    expect(await collect(log.tail(ref, 0, never)), key).toEqual([])
    expect(await collect(log.tail(ref, 1, never)), key).toEqual([])
    await writer.append([END])
    expect(
      (await collect(log.tail(ref, 2, never))).map(({ id }) => id),
      key,
    ).toEqual([3, 4])
  }
})

test('an attempt that began while Redis was away fences the older one off with its first event', async () => {
  const [one, two] = [newProcess(), newProcess()]
  const ref = newRef()
  const old = await one.log.open(ref, 1)
  await old.append([text('a')])
  redis.freeze()
  const current = await two.log.open(ref, 2, 1)
  redis.thaw()
  await isBack(two.link)
  await current.append([{ type: 'reset', text: 'a' }])
  await expect(old.append([text('late')])).rejects.toMatchObject({ code: 'conflict' })
  await current.append([END])
  const all = await collect(one.log.tail(ref, 1, never))
  expect(all.map(({ id, type }) => [id, type])).toEqual([
    [firstIdOf(2), 'reset'],
    [firstIdOf(2) + 1, 'end'],
  ])
})

test('an older attempt that begins a forgotten log again is told apart, and gives way to the newer one', async () => {
  const [one, two] = [newProcess(), newProcess()]
  const ref = newRef()
  const old = await one.log.open(ref, 1)
  await old.append([text('a'), text('b')])
  const current = await two.log.open(ref, 2)
  const [reset] = await current.append([{ type: 'reset' }])
  const reader = readOn(one.log, ref, 2)
  await waitFor(() => reader.events.length === 1)
  await one.link.run((commands) => commands.flushall())
  // It has not heard of the take-over: nothing tells it any more.
  await old.append([text('late')])
  expect(await collect(two.log.tail(ref, reset?.id ?? 0, never))).toEqual([])
  const [next] = await current.append([text('c')])
  await expect(old.append([text('later')])).rejects.toMatchObject({ code: 'conflict' })
  await current.append([END])
  await reader.ended
  expect(reader.ids()).toEqual([reset?.id, next?.id, (next?.id ?? 0) + 1])
})

test('what Redis refuses is numbered all the same, and told', async () => {
  const told: unknown[] = []
  const { link, log } = newProcess({ onError: (error) => told.push(error) })
  const ref = newRef()
  const writer = await log.open(ref, 1)
  await writer.append([text('a')])
  await link.run((commands) => commands.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction'))
  for (let i = 0; i < 10; i++) await writer.append([text('b'), text('c')])
  expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining('OOM') })])
  expect(await collect(log.tail(ref, 21, never))).toEqual([])
  await link.run((commands) => commands.config('SET', 'maxmemory', '0'))
  expect((await writer.append([END]))[0]?.id).toBe(22)
  expect((await collect(log.tail(ref, 21, never))).map(({ id }) => id)).toEqual([22])
  expect((await collect(log.tail(ref, 0, never))).map(({ id }) => id)).toEqual([1])
})

test('appends that are sent without waiting keep their order, also where Redis has forgotten the scripts', async () => {
  const { link, log } = newProcess()
  const ref = newRef()
  const writer = await log.open(ref, 1)
  const sent: Promise<unknown>[] = []
  for (let i = 0; i < 50; i++) {
    if (i % 10 === 5) sent.push(link.run((commands) => commands.script('FLUSH')))
    sent.push(writer.append([text(String(i))]))
    if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(sent)
  await writer.append([END])
  const all = await collect(log.tail(ref, 0, never))
  expect(all.map((event) => (event.type === 'text' ? event.delta : event.type))).toEqual([
    ...Array.from({ length: 50 }, (_, i) => String(i)),
    'end',
  ])
})

test('what somebody else wrote there ends the tail before it', async () => {
  const { link, log } = newProcess()
  const ref = newRef()
  const writer = await log.open(ref, 1)
  await writer.append([text('a')])
  const reader = readOn(log, ref)
  await waitFor(() => reader.events.length === 1)
  await link.run((commands) => commands.xadd(runKeys(ref).events, '2-0', 'a', '1', 'e', '{"type":"unheard of"}'))
  await reader.ended
  expect(reader.ids()).toEqual([1])
  expect(await collect(log.tail(ref, 1, never))).toEqual([])
})

test('a reader that has gone leaves nothing that is waited for', async () => {
  const { log } = newProcess()
  const ref = newRef()
  const writer = await log.open(ref, 1)
  await writer.append([text('a')])
  for (let i = 0; i < 200; i++) {
    const reader = readOn(log, ref)
    if (i % 2 === 0) await waitFor(() => reader.events.length === 1)
    reader.leave()
    await reader.ended
  }
  expect(log.size).toBe(0)
})

import { expect, it, vi } from 'vitest'
import { createBoundedStream } from './bounded-stream.ts'

const encoder = new TextEncoder()
const KILOBYTE = encoder.encode(`${'x'.repeat(1022)}\n\n`)

interface Options {
  readonly mostBytes?: number
  readonly stalledMs?: number
  readonly fullMs?: number
}

/** A stream, what was written to its connection, and what became of that. `hasBegun`: the headers are out with the first piece. */
const setUp = ({ hasBegun = false, ...options }: Options & { hasBegun?: boolean } = {}) => {
  const closed: (() => void)[] = []
  const drained: (() => void)[] = []
  const sent: Uint8Array[] = []
  const state = { hasBegun: false, isReady: true }
  const connection = {
    cut: vi.fn<() => void>(() => closed.forEach((callback) => callback())),
    onClosed: (callback: () => void) => void closed.push(callback),
    get hasBegun() {
      return state.hasBegun
    },
    write: (bytes: Uint8Array) => {
      sent.push(bytes)
      return state.isReady
    },
    onDrain: (callback: () => void) => void drained.push(callback),
  }
  const onEnd = vi.fn<() => void>()
  const stream = createBoundedStream({ connection, onEnd, ...options })
  const reader = stream.body.getReader()
  reader.closed.catch(() => undefined)
  /** The first piece goes through the body, and whatever carries that asks for more. */
  const begin = async () => {
    void stream.write(encoder.encode('begin'))
    const first = await reader.read()
    state.hasBegun = hasBegun
    const next = reader.read()
    next.catch(() => undefined)
    return { first, next }
  }
  return {
    ...{ stream, reader, connection, onEnd, begin, state },
    sent: () => Buffer.concat(sent).toString(),
    drain: () => drained.forEach((callback) => callback()),
  }
}
const textOf = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> => {
  let text = ''
  for (let next = await reader.read(); !next.done; next = await reader.read())
    text += Buffer.from(next.value).toString()
  return text
}

it('hands on all that comes, in order', async () => {
  const { stream, reader, onEnd, connection } = setUp()
  const text = textOf(reader)
  for (const piece of ['a', 'b', 'c']) expect(stream.write(encoder.encode(piece))).toBeNull()
  stream.end()
  expect(await text).toBe('abc')
  expect(onEnd).toHaveBeenCalledOnce()
  expect(connection.cut).not.toHaveBeenCalled()
})

it('writes to the connection when the answer has begun there, and ends with the body', async () => {
  const { stream, begin, sent, onEnd } = setUp({ hasBegun: true })
  const { first, next } = await begin()
  expect(Buffer.from(first.value ?? []).toString()).toBe('begin')
  void stream.write(encoder.encode('a'))
  void stream.write(encoder.encode('b'))
  expect(sent()).toBe('ab')
  stream.end()
  expect((await next).done).toBe(true)
  expect([onEnd.mock.calls.length, sent()]).toEqual([1, 'ab'])
})

it('keeps what the connection does not take until it has drained, and goes on in order', async () => {
  const { stream, begin, sent, state, drain } = setUp({ hasBegun: true })
  await begin()
  state.isReady = false
  for (const piece of ['a', 'b', 'c']) void stream.write(encoder.encode(piece))
  expect(sent()).toBe('a')
  state.isReady = true
  drain()
  expect(sent()).toBe('abc')
})

it.each([false, true])(
  'cuts the connection of a reader that takes nothing of all that is kept (%s)',
  async (hasBegun) => {
    const { stream, begin, state, connection, onEnd } = setUp({ hasBegun, mostBytes: 10 * 1024, fullMs: 30 })
    await begin()
    state.isReady = false
    // One is under way.
    for (let i = 0; i < 10; i++) expect(stream.write(KILOBYTE)).toBeNull()
    // Three times as long as somebody is waited for who leaves more than that.
    await new Promise((resolve) => setTimeout(resolve, 90))
    expect(connection.cut, 'so much is allowed').not.toHaveBeenCalled()
    const room = stream.write(KILOBYTE)
    expect(room, 'the writer waits').not.toBeNull()
    await room
    expect([stream.isOver, connection.cut.mock.calls.length, onEnd.mock.calls.length]).toEqual([true, 1, 1])
  },
)

it('lets a reader catch up with many times that', async () => {
  const { stream, reader, connection } = setUp({ mostBytes: 10 * 1024 })
  const text = textOf(reader)
  for (let i = 0; i < 1000; i++) await stream.write(KILOBYTE)
  stream.end()
  expect((await text).length).toBe(1000 * 1024)
  expect(connection.cut).not.toHaveBeenCalled()
})

it('cuts the connection of a reader that takes nothing for a while, however little there is', async () => {
  const { stream, connection, onEnd } = setUp({ stalledMs: 30 })
  void stream.write(KILOBYTE)
  await expect.poll(() => connection.cut.mock.calls.length).toBe(1)
  expect(onEnd).toHaveBeenCalledOnce()
})

it('waits for ever for a reader that has taken everything', async () => {
  const { stream, begin, connection } = setUp({ stalledMs: 30 })
  const { next } = await begin()
  // Three times as long as somebody who takes nothing is waited for.
  await new Promise((resolve) => setTimeout(resolve, 90))
  void stream.write(KILOBYTE)
  expect((await next).value?.byteLength).toBe(1024)
  expect(connection.cut).not.toHaveBeenCalled()
})

it('cuts the connection when the end itself is not taken', async () => {
  const { stream, reader, connection } = setUp({ stalledMs: 30 })
  void stream.write(KILOBYTE)
  stream.end()
  await textOf(reader)
  // Handed on, but a socket that stands still never says that it was sent.
  await expect.poll(() => connection.cut.mock.calls.length).toBe(1)
})

it.each([
  ['leaves', async ({ reader }: ReturnType<typeof setUp>) => reader.cancel()],
  ['loses the connection', async ({ begin, connection }: ReturnType<typeof setUp>) => begin().then(connection.cut)],
])('tells who writes that the reader %s', async (_how, go) => {
  const all = setUp({ hasBegun: true })
  await go(all)
  expect([all.stream.isOver, all.onEnd.mock.calls.length]).toEqual([true, 1])
  expect(all.stream.write(KILOBYTE)).toBeNull()
})

import { expect, it, vi } from 'vitest'
import { boundedStream } from './bounded-stream.ts'

const encoder = new TextEncoder()
const KILOBYTE = encoder.encode(`${'x'.repeat(1022)}\n\n`)

/** A source that is written to by hand, and what became of it. */
const setUp = (options: { mostBytes?: number; stalledMs?: number; fullMs?: number } = {}) => {
  let source: ReadableStreamDefaultController<Uint8Array> | undefined
  const cancelled = vi.fn<() => void>()
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (source = controller), cancel: cancelled })
  const closed: (() => void)[] = []
  const connection = {
    cut: vi.fn<() => void>(() => closed.forEach((callback) => callback())),
    onClosed: (callback: () => void) => void closed.push(callback),
  }
  const onEnd = vi.fn<() => void>()
  const stream = boundedStream(body, { connection, onEnd, ...options })
  if (source === undefined) throw new Error('not started')
  return { source, cancelled, connection, onEnd, stream }
}
const textOf = async (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream).text()

it('hands on all that comes, in order, with how soon to come back before it', async () => {
  const { source, onEnd, stream, connection } = setUp()
  const text = textOf(stream)
  for (const piece of ['event: a\n', 'data: 1\n', '\n\n']) source.enqueue(encoder.encode(piece))
  source.close()
  expect(await text).toBe('retry: 100\n\nevent: a\ndata: 1\n\n\n')
  expect(onEnd).toHaveBeenCalledOnce()
  expect(connection.cut).not.toHaveBeenCalled()
})

it('hands on the pieces of one event together', async () => {
  const { source, stream } = setUp()
  const reader = stream.getReader()
  const first = reader.read()
  for (const piece of ['event: a\n', 'data: 1\n', '\n\n']) source.enqueue(encoder.encode(piece))
  expect(new TextDecoder().decode((await first).value)).toBe('retry: 100\n\nevent: a\ndata: 1\n\n\n')
})

it('cuts the connection of a reader that takes nothing of all that is kept for it', async () => {
  const { source, stream, connection, onEnd, cancelled } = setUp({ mostBytes: 10 * 1024, fullMs: 30 })
  const reader = stream.getReader()
  source.enqueue(KILOBYTE)
  await reader.read()
  for (let i = 0; i < 9; i++) source.enqueue(KILOBYTE)
  // Three times as long as somebody is waited for who leaves more than that.
  await new Promise((resolve) => setTimeout(resolve, 90))
  expect(connection.cut, 'so much is allowed').not.toHaveBeenCalled()
  for (let i = 0; i < 1000; i++) source.enqueue(KILOBYTE)
  await new Promise((resolve) => setImmediate(resolve))
  expect(source.desiredSize, 'the rest is not read').toBeLessThan(-900)
  await expect.poll(() => connection.cut.mock.calls.length).toBe(1)
  await expect(reader.read()).rejects.toThrow('too slow')
  expect([onEnd.mock.calls.length, cancelled.mock.calls.length]).toEqual([1, 1])
})

it('lets a reader catch up with many times that', async () => {
  const { source, stream, connection } = setUp({ mostBytes: 10 * 1024 })
  for (let i = 0; i < 1000; i++) source.enqueue(KILOBYTE)
  source.close()
  expect((await textOf(stream)).length).toBe('retry: 100\n\n'.length + 1000 * 1024)
  expect(connection.cut).not.toHaveBeenCalled()
})

it('cuts the connection of a reader that takes nothing for a while, however little there is', async () => {
  const { source, connection, onEnd } = setUp({ stalledMs: 30 })
  source.enqueue(KILOBYTE)
  await expect.poll(() => connection.cut.mock.calls.length).toBe(1)
  expect(onEnd).toHaveBeenCalledOnce()
})

it('waits for ever for a reader that has taken everything', async () => {
  const { source, stream, connection } = setUp({ stalledMs: 30 })
  const reader = stream.getReader()
  source.enqueue(KILOBYTE)
  await reader.read()
  const next = reader.read()
  // Three times as long as somebody who takes nothing is waited for.
  await new Promise((resolve) => setTimeout(resolve, 90))
  source.enqueue(KILOBYTE)
  expect((await next).value?.byteLength).toBe(1024)
  expect(connection.cut).not.toHaveBeenCalled()
})

it('cuts the connection when the end itself is not taken', async () => {
  const { source, stream, connection } = setUp({ stalledMs: 30 })
  source.enqueue(KILOBYTE)
  source.close()
  await textOf(stream)
  // Handed on, but a socket that stands still never says that it was sent.
  await expect.poll(() => connection.cut.mock.calls.length).toBe(1)
})

it('tells the source that the reader has gone', async () => {
  const { stream, cancelled, onEnd } = setUp()
  await stream.cancel()
  expect([onEnd.mock.calls.length, cancelled.mock.calls.length]).toEqual([1, 1])
})

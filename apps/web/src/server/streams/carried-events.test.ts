import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { carryEvents } from './carried-events.ts'

interface Event {
  readonly id: number
  readonly text: string
}
/** As short as a test waits. */
const TIMES = { pingMs: 20, maxDurationMs: 150, client: { reconnectAfterInactivityMs: 40_000 } }
const BEGIN = 'retry: 100\n\nevent: connected\ndata: {"reconnectAfterInactivityMs":40000}\n\n'

const carry = (
  open: (gone: AbortSignal) => AsyncIterable<Event>,
  times: typeof TIMES = { ...TIMES, maxDurationMs: 60_000 },
) => {
  const caller = new AbortController()
  const onEnd = vi.fn<() => void>()
  const errorShape = (thrown: unknown) => ({ message: thrown instanceof Error ? thrown.message : '' })
  const body = carryEvents(
    { path: 'a.stream', open },
    { connection: null, signal: caller.signal, errorShape, onEnd, times },
  )
  return { body, onEnd, leave: () => caller.abort(), text: () => new Response(body).text() }
}
async function* silent(gone: AbortSignal): AsyncGenerator<Event, void> {
  if (!gone.aborted) await once(gone, 'abort')
  yield* []
}

it('says when to come back, each event under its id, and that it is complete', async () => {
  const { text, onEnd } = carry(async function* () {
    yield { id: 1, text: 'a' }
    yield { id: 2, text: 'ä\n' }
  })
  expect(await text()).toBe(
    `${BEGIN}id: 1\ndata: {"id":1,"text":"a"}\n\nid: 2\ndata: {"id":2,"text":"ä\\n"}\n\nevent: return\ndata: \n\n`,
  )
  expect(onEnd).toHaveBeenCalledOnce()
})

it('says why it broke, and that is not the end', async () => {
  const { text } = carry(async function* () {
    yield { id: 1, text: 'a' }
    throw new Error('gone')
  })
  expect(await text()).toBe(
    `${BEGIN}id: 1\ndata: {"id":1,"text":"a"}\n\nevent: serialized-error\ndata: {"message":"gone"}\n\n`,
  )
})

it('says nothing of an abort: the reader comes back', async () => {
  const { text } = carry(async function* () {
    yield { id: 1, text: 'a' }
    throw new DOMException('too slow', 'AbortError')
  })
  expect(await text()).toBe(`${BEGIN}id: 1\ndata: {"id":1,"text":"a"}\n\n`)
})

it('pings while nothing comes, and ends after its longest time without a word', async () => {
  const { text, onEnd } = carry(silent, TIMES)
  const told = await text()
  expect(told.startsWith(`${BEGIN}event: ping\ndata: \n\nevent: ping\n`)).toBe(true)
  expect(told).not.toMatch(/return|serialized-error/)
  expect(onEnd).toHaveBeenCalledOnce()
})

it('ends its events when the reader leaves', async () => {
  let ended = 0
  const count = async function* (gone: AbortSignal) {
    try {
      yield { id: 1, text: 'a' }
      yield* silent(gone)
    } finally {
      ended++
    }
  }
  const cancelled = carry(count)
  await cancelled.body.cancel()
  const left = carry(count)
  left.leave()
  expect(await left.text()).not.toMatch(/return|serialized-error/)
  await expect.poll(() => ended).toBe(2)
  expect([cancelled.onEnd.mock.calls.length, left.onEnd.mock.calls.length]).toEqual([1, 1])
})

it('does not read on while a reader takes nothing', async () => {
  let read = 0
  const { body } = carry(async function* (gone) {
    while (!gone.aborted) yield { id: ++read, text: 'x'.repeat(100_000) }
  })
  const before = await vi.waitFor(() => {
    expect(read).toBeGreaterThan(9)
    return read
  })
  // Longer than a hundred of them would take.
  await delay(50)
  expect(read).toBe(before)
  await body.cancel()
})

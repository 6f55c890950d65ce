import { ERRORS } from '@quarry/contracts'
import { beforeEach, expect, it, vi } from 'vitest'
import { createPauses } from './pauses.ts'
import { createStreamFetch } from './stream-fetch.ts'

beforeEach(() => {
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})

const MESSAGE = 'Too many windows of yours are following what happens.'
const refused = (retryAfterSeconds: number) =>
  Response.json(
    {
      error: {
        message: MESSAGE,
        code: -32029,
        data: {
          app: {
            code: 'rate_limited',
            ...ERRORS.rate_limited,
            message: MESSAGE,
            requestId: 'r',
            details: { retryAfterSeconds },
          },
        },
      },
    },
    { status: 429 },
  )

const setUp = (answers: readonly (() => Response)[]) => {
  const askedAt: number[] = []
  const pauses = createPauses()
  const startedAt = performance.now()
  const streamFetch = createStreamFetch(pauses, {
    request: () => {
      const answer = answers[askedAt.push(performance.now() - startedAt) - 1]
      if (answer === undefined) return Promise.reject(new TypeError('no network'))
      return Promise.resolve(answer())
    },
    random: () => 0.5,
  })
  return { askedAt, pauses, streamFetch }
}
const opened = () => new Response('', { headers: { 'content-type': 'text/event-stream' } })

it('waits where a stream is refused for now, says so, and opens it then', async () => {
  const { askedAt, pauses, streamFetch } = setUp([() => refused(10), () => refused(2), opened])
  const answer = streamFetch('/stream', {})
  await vi.advanceTimersByTimeAsync(1)
  expect(pauses.get()?.message).toBe(MESSAGE)
  await vi.advanceTimersByTimeAsync(13_000)
  expect((await answer).status).toBe(200)
  expect(askedAt).toEqual([0, 10_500, 12_700])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(pauses.get()).toBeNull()
})

it('does not wait for a page that has gone', async () => {
  const { askedAt, pauses, streamFetch } = setUp([() => refused(10)])
  const leaving = new AbortController()
  const answer = streamFetch('/stream', { signal: leaving.signal })
  const settled = answer.catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(1)
  leaving.abort()
  expect(await settled).toMatchObject({ name: 'AbortError' })
  await vi.advanceTimersByTimeAsync(20_000)
  expect([askedAt, pauses.get()]).toEqual([[0], null])
})

it('comes back at once after a stream that has run, and in growing pauses where none does', async () => {
  const { askedAt, streamFetch } = setUp([opened, opened, opened])
  await streamFetch('/stream', {})
  await vi.advanceTimersByTimeAsync(55_000)
  await streamFetch('/stream', {})
  expect(askedAt).toEqual([0, 55_000])
  // It ended at once.
  const third = streamFetch('/stream', {})
  await vi.advanceTimersByTimeAsync(250)
  await third
  expect(askedAt).toEqual([0, 55_000, 55_250])
  for (const pauseMs of [500, 1000, 2000, 4000, 5000, 5000]) {
    const before = askedAt.length
    const lost = streamFetch('/stream', {}).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(pauseMs - 1)
    expect(askedAt).toHaveLength(before)
    await vi.advanceTimersByTimeAsync(1)
    expect(await lost).toBeInstanceOf(TypeError)
    expect(askedAt).toHaveLength(before + 1)
  }
})

it('hands on what is refused for good', async () => {
  const { askedAt, streamFetch } = setUp([() => Response.json({}, { status: 401 })])
  expect((await streamFetch('/stream', {})).status).toBe(401)
  expect(askedAt).toEqual([0])
})

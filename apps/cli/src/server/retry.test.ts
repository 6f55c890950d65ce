import { ERRORS } from '@quarry/contracts'
import { TRPCClientError } from '@trpc/client'
import { expect, it } from 'vitest'
import { withRetry } from './retry.ts'

const { signal } = new AbortController()
const refusal = (code: 'rate_limited' | 'unavailable', retryAfterSeconds: number) =>
  TRPCClientError.from({
    error: {
      code: -32_600,
      message: 'Enough.',
      data: { app: { code, ...ERRORS[code], requestId: 'r', details: { retryAfterSeconds } } },
    },
  })
/** Fails with these one after the other, then gives what it was asked for. */
const failing = (...errors: Error[]) => {
  const state = { calls: 0 }
  const call = () => {
    const error = errors[state.calls++]
    return error === undefined ? Promise.resolve('done') : Promise.reject(error)
  }
  return { state, call }
}

it('goes on through a restart', async () => {
  const { state, call } = failing(refusal('unavailable', 0.01), new TypeError('fetch failed'))
  expect(await withRetry(call, signal)).toBe('done')
  expect(state.calls).toBe(3)
})

it('leaves a limit to the connection, which has waited as long as it makes sense', async () => {
  const { state, call } = failing(refusal('rate_limited', 3_600))
  await expect(withRetry(call, signal)).rejects.toMatchObject({ message: 'Enough.' })
  expect(state.calls).toBe(1)
})

it('waits no longer than it goes on trying, whatever the server asks for', async () => {
  const { state, call } = failing(refusal('unavailable', 61))
  await expect(withRetry(call, signal)).rejects.toMatchObject({ message: 'Enough.' })
  expect(state.calls).toBe(1)
})

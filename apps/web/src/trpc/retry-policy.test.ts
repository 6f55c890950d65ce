import { ERRORS, type AppErrorShape, type ErrorCode } from '@quarry/contracts'
import { describe, expect, it } from 'vitest'
import { waitBeforeRetry } from './retry-policy.ts'

const refusal = (code: ErrorCode, details?: Record<string, unknown>): AppErrorShape => ({
  code,
  ...ERRORS[code],
  requestId: 'r',
  ...(details && { details }),
})
const soonest = () => 0
const latest = () => 1
const query = { type: 'query', path: 'documents.list', waitedMs: 0 } as const
const send = { type: 'mutation', path: 'chat.send', waitedMs: 0 } as const
const rename = { type: 'mutation', path: 'collections.update', waitedMs: 0 } as const
const limited = (retryAfterSeconds: number) => refusal('rate_limited', { retryAfterSeconds })
const busy = (retryAfterSeconds: number) => refusal('unavailable', { retryAfterSeconds })

describe('a refused call', () => {
  it('waits as long as the server says, and a little more, so that not all come at once', () => {
    expect(waitBeforeRetry(limited(12), query, soonest)).toBe(12_000)
    expect(waitBeforeRetry(limited(12), query, latest)).toBe(13_000)
    expect(waitBeforeRetry(limited(1), query, latest)).toBe(1_300)
    expect(waitBeforeRetry(refusal('rate_limited'), query, soonest)).toBe(2_000)
  })

  it('waits for a limit as long as it takes where nobody minds, and for moments where somebody does', () => {
    for (const call of [query, send]) expect(waitBeforeRetry(limited(600), call, soonest)).toBe(600_000)
    expect(waitBeforeRetry(limited(3), rename, soonest)).toBe(3_000)
    expect(waitBeforeRetry(limited(30), rename, soonest)).toBeNull()
    expect(waitBeforeRetry(limited(3), { ...rename, waitedMs: 9_000 }, soonest)).toBeNull()
  })

  it('is told in the end', () => {
    expect(waitBeforeRetry(limited(3_600), query, soonest)).toBeNull()
    expect(waitBeforeRetry(limited(60), { ...query, waitedMs: 880_000 }, soonest)).toBeNull()
    expect(waitBeforeRetry(busy(2), { ...query, waitedMs: 29_000 }, soonest)).toBeNull()
  })

  it('is made again through a restart only where it may happen twice', () => {
    for (const call of [query, send]) expect(waitBeforeRetry(busy(2), call, soonest)).toBe(2_000)
    expect(waitBeforeRetry(busy(2), rename, soonest)).toBeNull()
    expect(waitBeforeRetry(busy(2), { ...send, path: 'documents.createMany' }, soonest)).toBeNull()
  })

  it('is not made again where the operator has switched it off, nor where asking does not help', () => {
    const off = refusal('unavailable', { switchedOff: 'chat.answers', retryAfterSeconds: 60 })
    expect(waitBeforeRetry(off, send, soonest)).toBeNull()
    for (const code of ['forbidden', 'not_found', 'internal', 'model_unavailable'] as const)
      expect(waitBeforeRetry(refusal(code), query, soonest)).toBeNull()
    expect(waitBeforeRetry(limited(1), { ...query, type: 'subscription' }, soonest)).toBeNull()
  })
})

import type { BucketState } from '@quarry/cache'
import { describe, expect, it } from 'vitest'
import { limitHeaders, tightest, type PolicyStates } from './limit-headers.ts'

const user = (remaining: number): BucketState => ({
  policy: 'user',
  capacity: 60,
  refillSeconds: 60,
  remaining,
  resetSeconds: 60 - remaining,
})
const organisation: BucketState = {
  policy: 'organisation',
  capacity: 1000,
  refillSeconds: 3600,
  remaining: 999.9,
  resetSeconds: 0.36,
}
const address: BucketState = { policy: 'address', capacity: 3000, refillSeconds: 60, remaining: 17, resetSeconds: 59.7 }

const headersOf = (calls: readonly (readonly [BucketState, string?])[]) => {
  const states: PolicyStates = new Map()
  for (const [state, refusedBy] of calls) tightest(states, state, refusedBy ?? null)
  return limitHeaders(states)
}

describe('the headers of limits', () => {
  it('say quota, window, what is left and when it is full', () => {
    expect(headersOf([[user(59.25)], [organisation]])).toEqual({
      'ratelimit-policy': '"user";q=60;w=60, "organisation";q=1000;w=3600',
      ratelimit: '"user";r=59;t=1, "organisation";r=999;t=1',
    })
  })

  it('say of a batch what its last call left', () => {
    expect(headersOf([[user(3)], [user(1.5)], [user(2)]])['ratelimit']).toBe('"user";r=1;t=59')
  })

  it('do not say how much others at the same address have called, except to who is refused for it', () => {
    expect(headersOf([[user(59)], [address]])).toEqual({
      'ratelimit-policy': '"user";q=60;w=60, "address";q=3000;w=60',
      ratelimit: '"user";r=59;t=1',
    })
    expect(headersOf([[address]])).toEqual({ 'ratelimit-policy': '"address";q=3000;w=60' })
    expect(headersOf([[user(59)], [{ ...address, remaining: 0.1 }, 'address']])['ratelimit']).toBe(
      '"address";r=0;t=60, "user";r=59;t=1',
    )
  })

  it('are none where nothing was charged', () => {
    expect(headersOf([])).toEqual({})
  })
})

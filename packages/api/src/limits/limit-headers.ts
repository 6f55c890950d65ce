import type { BucketState } from '@quarry/cache'

/** The tightest state of each policy in one request. */
export type PolicyStates = Map<string, BucketState & { readonly refused: boolean }>

/** Of several calls in one answer the one that left least. */
export const tightest = (states: PolicyStates, state: BucketState, refusedBy: string | null): void => {
  const known = states.get(state.policy)
  const refused = state.policy === refusedBy || known?.refused === true
  if (known && known.remaining <= state.remaining) states.set(state.policy, { ...known, refused })
  else states.set(state.policy, { ...state, refused })
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers, structured fields of RFC 9651): quota and
 * window of each limit in seconds, then what remains and when it is full again, the tightest first. What remains for an
 * address is told only to who was refused: it may be many people's, of other organisations.
 */
export const limitHeaders = (states: PolicyStates): Record<string, string> => {
  const all = [...states.values()]
  if (all.length === 0) return {}
  const shown = all
    .filter(({ policy, refused }) => policy !== 'address' || refused)
    .toSorted((a, b) => Number(b.refused) - Number(a.refused) || share(a) - share(b))
  return {
    'ratelimit-policy': all.map((s) => `"${s.policy}";q=${s.capacity};w=${s.refillSeconds}`).join(', '),
    ...(shown.length > 0 && {
      ratelimit: shown.map((s) => `"${s.policy}";r=${wholeTokens(s)};t=${Math.ceil(s.resetSeconds)}`).join(', '),
    }),
  }
}

const share = ({ remaining, capacity }: BucketState): number => remaining / capacity
/** 59.9999999 is sixty that were computed. */
const wholeTokens = ({ remaining }: BucketState): number => Math.max(0, Math.floor(remaining + 1e-6))

import type { RunFailure } from '@quarry/contracts'
import { retryAfterMs, type RunFailureCode } from './failures.ts'

/** A reader who sees why waits so long for a provider that says when; what takes longer is told instead. */
const LONGEST_WAIT_MS = 20_000

/**
 * Pauses before the same step is asked for again, for faults that pass; everything else ends the answer at once. Of a
 * stream that broke, only one without a word or a tool in it: what readers have seen is not written twice.
 */
const PAUSES_MS: Partial<Record<RunFailureCode, readonly number[]>> = {
  // A limit per second or so, of a provider that does not say when.
  model_rate_limited: [2000, 4000],
  // A restart behind a load balancer takes seconds.
  model_unavailable: [1000, 3000],
  model_unreachable: [500, 2000],
  // It was the connection, mostly.
  model_interrupted: [250],
}

/** How long to wait before the `tries`-th retry (from 0) after this failure; null where another one is pointless. */
export const pauseBeforeRetry = (failure: RunFailure, error: unknown, tries: number): number | null => {
  const usual = Object.entries(PAUSES_MS).find(([code]) => code === failure.code)?.[1][tries]
  if (usual === undefined) return null
  const asked = retryAfterMs(error)
  if (asked === null) return usual
  return asked <= LONGEST_WAIT_MS ? asked : null
}

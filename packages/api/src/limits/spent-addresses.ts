import { addressRefusal } from './refusal.ts'

/** What is remembered is bent no further than this: an operator's change counts a second later. */
const LONGEST_MS = 1000
/** ~100 bytes each; the oldest go first. */
const MOST = 10_000

/** Addresses that have nothing left, for a moment and in this process: they are refused without asking anybody. */
export interface SpentAddresses {
  add(network: string, retryAfterSeconds: number): void
  /** Throws AppError('rate_limited'). */
  require(network: string): void
}

export const createSpentAddresses = (now: () => number = () => performance.now()): SpentAddresses => {
  const until = new Map<string, number>()
  return {
    add(network, retryAfterSeconds) {
      until.delete(network)
      until.set(network, now() + Math.min(LONGEST_MS, retryAfterSeconds * 1000))
      const oldest = until.size > MOST ? until.keys().next().value : undefined
      if (oldest !== undefined) until.delete(oldest)
    },
    require(network) {
      const end = until.get(network)
      if (end === undefined) return
      if (end > now()) throw addressRefusal((end - now()) / 1000)
      until.delete(network)
    },
  }
}

export interface AttemptLimit {
  /** Counts an attempt and says how many seconds to wait, 0 for none. */
  count(key: string, now?: number): number
  /** Takes one attempt back: it was none of those that are limited. */
  refund(key: string): void
  forget(key: string): void
}

/** Keys remembered; the oldest go first. ~100 bytes each. */
const MOST_KEYS = 10_000

/** Allows `attempts` per key in a window of `windowMs` that begins with the first of them. In this process only. */
export const createAttemptLimit = (attempts: number, windowMs: number): AttemptLimit => {
  const counted = new Map<string, { count: number; startedAt: number }>()
  return {
    count(key, now = Date.now()) {
      const seen = counted.get(key)
      if (!seen || now - seen.startedAt >= windowMs) {
        counted.delete(key)
        const oldest = counted.size >= MOST_KEYS ? counted.keys().next().value : undefined
        if (oldest !== undefined) counted.delete(oldest)
        counted.set(key, { count: 1, startedAt: now })
        return 0
      }
      seen.count++
      return seen.count > attempts ? Math.ceil((seen.startedAt + windowMs - now) / 1000) : 0
    },
    refund(key) {
      const seen = counted.get(key)
      if (seen) seen.count--
    },
    forget(key) {
      counted.delete(key)
    },
  }
}

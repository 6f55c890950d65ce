/** What counts as failing in a row: five commands that nobody answered are no accident any more. */
export const FAILURES_TO_OPEN = 5
/** First look after an outage: a Redis that restarts is back within a second. */
const FIRST_PROBE_MS = 100
/** With connecting (2 s) and jitter well below the 15 s in which a Redis that is back must be used again. */
const LONGEST_PROBE_MS = 5_000
/** What fails again sooner was not back: the next look waits longer instead of starting over. */
const STEADY_MS = 10_000

/** Counts failures in a row, and says how long to wait before each look whether Redis is back. */
export const createBreaker = (random: () => number = Math.random, now: () => number = () => performance.now()) => {
  let failures = 0
  let probes = 0
  let closedAt = Number.NEGATIVE_INFINITY
  return {
    /** True when it is time to open. */
    failed: (): boolean => ++failures >= FAILURES_TO_OPEN,
    succeeded: (): void => {
      failures = 0
    },
    opened: (): void => {
      failures = 0
      if (now() - closedAt >= STEADY_MS) probes = 0
    },
    /** Doubles up to its bound; ±20 %, so that many processes do not all come back in one moment. */
    nextProbeMs: (): number => Math.min(FIRST_PROBE_MS * 2 ** probes++, LONGEST_PROBE_MS) * (0.8 + 0.4 * random()),
    closed: (): void => {
      failures = 0
      closedAt = now()
    },
  }
}

/**
 * What an answer may take on average, while there are more than can be worked on at once. A person still calls it quick,
 * and what is served under overload takes about twice of what it does otherwise.
 */
const TARGET_MS = 250
/** Often enough to be right within seconds, and seldom enough to have some dozens of answers to go by. */
const WINDOW_MS = 500
/** So many are always let in: some slow statements, a cold start or two browsers' pages are no overload. */
const LEAST = 16
/** Additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP finds its window. */
const SHRINK = 0.8
const GROW = 0.1

export interface Admission {
  /** A place for one request, to be left by the function returned; null where one more would make all slower. */
  enter(): (() => void) | null
  /** So many at the same time, at the moment. */
  readonly limit: () => number
}

/**
 * Bounds how many requests a process works on at the same time. `most` is never exceeded; where so many take too long,
 * because the machine, the database or a neighbour is slow, fewer are let in, until those are answered in time: a queue
 * that only grows helps nobody (Little 1961: time in it = length / rate).
 *
 * @param now milliseconds of any clock that only goes forward
 */
export const createAdmission = (most: number, now: () => number = () => performance.now()): Admission => {
  const least = Math.min(LEAST, most)
  let limit = most
  let inside = 0
  let window = { endsAt: now() + WINDOW_MS, peak: 0, answered: 0, millis: 0 }

  const settle = () => {
    const at = now()
    if (at < window.endsAt) return
    const { peak, answered, millis } = window
    const isLate = answered === 0 ? inside > 0 : millis / answered > TARGET_MS
    if (!isLate) limit = Math.min(most, limit + Math.max(1, limit * GROW))
    // From what there was: a limit that is far away holds nobody back while everybody waits.
    else if (peak > least) limit = Math.max(least, Math.min(limit, peak) * SHRINK)
    window = { endsAt: at + WINDOW_MS, peak: inside, answered: 0, millis: 0 }
  }

  return {
    limit: () => Math.floor(limit),
    enter() {
      settle()
      if (inside >= Math.floor(limit)) {
        window.peak = Math.max(window.peak, inside)
        return null
      }
      inside++
      window.peak = Math.max(window.peak, inside)
      const startedAt = now()
      let isInside = true
      return () => {
        if (!isInside) return
        isInside = false
        inside--
        window.answered++
        window.millis += now() - startedAt
      }
    },
  }
}

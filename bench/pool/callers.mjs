/**
 * Keeps `concurrency` callers calling one after the other until the time is up, and waits for the last of them.
 *
 * @param {{ concurrency: number, forMs: number, call: (caller: number) => Promise<unknown> }} load
 * @returns {Promise<{ calls: number, errors: Error[], seconds: number, millis: number[] }>} millis: of each call
 */
export const callers = async ({ concurrency, forMs, call }) => {
  const started = performance.now()
  const millis = []
  const errors = []
  const one = async (caller) => {
    while (performance.now() - started < forMs) {
      const began = performance.now()
      try {
        await call(caller)
        millis.push(performance.now() - began)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, (_, i) => one(i)))
  return { calls: millis.length, errors, seconds: (performance.now() - started) / 1000, millis }
}

/** @param {number[]} values @param {number} share such as 0.95 */
export const quantile = (values, share) => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

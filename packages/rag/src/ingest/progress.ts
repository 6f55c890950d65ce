/** Readers of the list see a change three times a second at most; each signal is a row. */
const SIGNAL_EVERY_MS = 300

export interface Progress {
  /** Whether it is time to tell readers; saying yes counts as told. */
  due(): boolean
}

export function progressSignals(now: () => number = () => performance.now()): Progress {
  let told = Number.NEGATIVE_INFINITY
  return {
    due() {
      if (now() - told < SIGNAL_EVERY_MS) return false
      told = now()
      return true
    },
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Heaps go on after so long at the latest, one step further: they become slow, and never stop. */
const MOST_REST_MS = 3_000
const REST_STEP_MS = 20

export interface Turn {
  /** Resolves when this file may do its next step. */
  readonly mine: (signal: AbortSignal) => Promise<void>
  leave(): void
}

export interface Turns {
  /** A file begins to be read in this process. */
  enter(bulk: boolean): Turn
}

/** The files of one process share its one thread: those of a heap rest between two steps while somebody waits for another. */
export const createTurns = (): Turns => {
  let awaited = 0
  return {
    enter: (bulk) => {
      if (!bulk) awaited++
      let left = false
      return {
        mine: async (signal) => {
          if (!bulk) return
          for (let rested = 0; awaited > 0 && rested < MOST_REST_MS; rested += REST_STEP_MS) {
            signal.throwIfAborted()
            await pause(REST_STEP_MS)
          }
        },
        leave: () => {
          if (!bulk && !left) awaited--
          left = true
        },
      }
    },
  }
}

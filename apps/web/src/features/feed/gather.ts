/** Signals of one moment are read together: what is worked on sends several a second. */
const FIRST_MS = 250
/**
 * While they keep coming, more and more of them: a read every two seconds costs an eighth of what a person may call,
 * however busy the workspace is.
 */
const LONGEST_MS = 2_000

export interface Gatherer<T> {
  readonly add: (item: T) => void
  readonly cancel: () => void
}

/**
 * Collects what changed, each once, and hands it on: the first of a quiet time soon, those of a storm in growing pauses.
 */
export const createGatherer = <T>(flush: (items: readonly T[]) => void): Gatherer<T> => {
  const pending = new Set<T>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let pauseMs = FIRST_MS
  let flushedAt = -Infinity

  const run = () => {
    timer = undefined
    flushedAt = performance.now()
    const items = [...pending]
    pending.clear()
    flush(items)
  }
  return {
    add: (item) => {
      pending.add(item)
      if (timer !== undefined) return
      // What comes this soon after the last flush goes on from it.
      const isStorm = performance.now() - flushedAt < pauseMs * 2
      pauseMs = isStorm ? Math.min(LONGEST_MS, pauseMs * 2) : FIRST_MS
      timer = setTimeout(run, pauseMs)
    },
    cancel: () => clearTimeout(timer),
  }
}

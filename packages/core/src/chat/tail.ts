import type { RunLog, RunRef } from '@quarry/cache'
import type { RunEvent } from '@quarry/contracts'

/** Longer than a model that writes is silent; one that thinks costs its readers a short statement this often. */
const QUIET_MS = 3000

/**
 * The log's events after `afterId`, as `RunLog.tail`, and ends also when nothing has come for some seconds and `isStale`
 * says that nothing will: a process that died may have left a log without an end, or one that is behind.
 */
export async function* tailUnlessStale(
  log: RunLog,
  ref: RunRef,
  afterId: number,
  stop: AbortSignal,
  isStale: () => Promise<boolean>,
): AsyncGenerator<RunEvent, void, undefined> {
  const leave = new AbortController()
  const events = log.tail(ref, afterId, AbortSignal.any([stop, leave.signal]))[Symbol.asyncIterator]()
  try {
    for (;;) {
      const quiet = whileQuiet(isStale, leave)
      const next = await events.next().finally(quiet)
      if (next.done) return
      yield next.value
    }
  } finally {
    await events.return?.()
  }
}

/** Looks again and again, and aborts `leave` when there is no use in waiting. Returns what ends it. */
const whileQuiet = (isStale: () => Promise<boolean>, leave: AbortController): (() => void) => {
  let over = false
  const look = async (): Promise<void> => {
    // Where the database is away, too, the log is all there is.
    const stale = await isStale().catch(() => false)
    if (over) return
    if (stale) leave.abort()
    else timer = setTimeout(() => void look(), QUIET_MS)
  }
  let timer = setTimeout(() => void look(), QUIET_MS)
  return () => {
    over = true
    clearTimeout(timer)
  }
}

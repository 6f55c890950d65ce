import { AppError, type RunEvent } from '@quarry/contracts'
import type { RunLog, RunLogWriter, RunRef } from './run-log.ts'

/** A reader that lost its connection comes back within seconds; five minutes later everything is in Postgres anyway. */
const KEEP_ENDED_MS = 5 * 60_000
/** A generation that appends nothing for so long is dead: every budget is shorter. */
const KEEP_SILENT_MS = 65 * 60_000
/** About 100 MB of answers; beyond it the oldest ended logs go first. */
const MOST_LOGS = 2_000
const SWEEP_MS = 30_000

export interface MemoryRunLogOptions {
  readonly keepEndedMs?: number
  readonly mostLogs?: number
  /** Milliseconds of any steady clock. */
  readonly now?: () => number
}

/** Events of one run, and who waits for more. Every reader has its own place in the one array, so none holds up another. */
interface Log {
  attempt: number
  /** Id of the event before the first one here: those up to it are in Postgres only. */
  readonly afterId: number
  readonly events: RunEvent[]
  readonly wake: Set<() => void>
  ended: boolean
  /** No more will come although it did not end: expired, or the process is closing. */
  dropped: boolean
  lastAppendAt: number
}

/** The run log of a single web process. `sweep` drops what has expired; it runs by itself, twice a minute. */
export const createMemoryRunLog = (
  options: MemoryRunLogOptions = {},
): RunLog & { sweep(): void; close(): void; readonly size: number } => {
  const { keepEndedMs = KEEP_ENDED_MS, mostLogs = MOST_LOGS, now = () => performance.now() } = options
  const logs = new Map<string, Log>()

  const drop = (key: string, log: Log): void => {
    logs.delete(key)
    log.dropped = true
    wakeAll(log)
  }
  const sweep = (): void => {
    for (const [key, log] of logs) {
      const silentMs = now() - log.lastAppendAt
      if (silentMs > (log.ended ? keepEndedMs : KEEP_SILENT_MS)) drop(key, log)
    }
    for (const [key, log] of logs) {
      if (logs.size <= mostLogs) break
      if (log.ended) drop(key, log)
    }
  }
  const sweeper = setInterval(sweep, SWEEP_MS)
  sweeper.unref()

  return {
    async open(ref, attempt, afterId = 0) {
      const key = keyOf(ref)
      const existing = logs.get(key)
      if (existing !== undefined && (existing.attempt >= attempt || existing.ended)) throw new AppError('conflict')
      const log: Log = existing ?? {
        attempt,
        afterId,
        events: [],
        wake: new Set(),
        ended: false,
        dropped: false,
        lastAppendAt: now(),
      }
      log.attempt = attempt
      log.lastAppendAt = now()
      logs.set(key, log)
      return writerOf(log, attempt, now)
    },
    async *tail(ref, afterId, signal) {
      const log = logs.get(keyOf(ref))
      if (log === undefined || afterId > log.afterId + log.events.length || afterId < log.afterId) return
      yield* follow(log, afterId, signal)
    },
    sweep,
    close() {
      clearInterval(sweeper)
      for (const [key, log] of logs) drop(key, log)
    },
    get size() {
      return logs.size
    },
  }
}

const keyOf = (ref: RunRef): string => `${ref.orgId}:${ref.runId}`

const wakeAll = (log: Log): void => {
  const waiting = [...log.wake]
  log.wake.clear()
  for (const wake of waiting) wake()
}

const writerOf = (log: Log, attempt: number, now: () => number): RunLogWriter => ({
  async append(bodies) {
    if (log.attempt !== attempt || log.ended || log.dropped) throw new AppError('conflict')
    const events = bodies.map((body, i) => ({ ...body, id: log.afterId + log.events.length + 1 + i, attempt }))
    log.events.push(...events)
    log.lastAppendAt = now()
    if (events.some(({ type }) => type === 'end')) log.ended = true
    wakeAll(log)
    return events
  },
})

async function* follow(log: Log, afterId: number, signal: AbortSignal): AsyncGenerator<RunEvent, void, undefined> {
  let next = afterId - log.afterId
  while (!signal.aborted) {
    const event = log.events[next]
    if (event !== undefined) {
      next++
      yield event
      continue
    }
    if (log.ended || log.dropped) return
    await somethingNew(log, signal)
  }
}

/** Resolves at the next append, at the end, or when the reader goes; leaves no listener behind. */
const somethingNew = (log: Log, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      log.wake.delete(done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    log.wake.add(done)
    signal.addEventListener('abort', done, { once: true })
  })

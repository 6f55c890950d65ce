import { AppError, type RunEvent } from '@quarry/contracts'
import { firstIdOf, followsOn, MOST_BACKLOG_BYTES, ReaderTooSlow } from '../run-log.ts'
import type { RunLog, RunLogWriter, RunRef } from '../run-log.ts'
import { KEEP_ENDED_MS, KEEP_SILENT_MS } from './keeping.ts'

/** About 100 MB of answers; beyond it the oldest ended logs go first. */
const MOST_LOGS = 2_000
const SWEEP_MS = 30_000

export interface MemoryRunLogOptions {
  readonly keepEndedMs?: number
  readonly mostLogs?: number
  /** Milliseconds of any steady clock. */
  readonly now?: () => number
}

interface Entry {
  readonly event: RunEvent
  /** Of all events up to this one. */
  readonly bytes: number
}

/** Events of one run, and who waits for more. Every reader has its own place in the one array, so none holds up another. */
interface Log {
  attempt: number
  /** The next event's id is higher. */
  afterId: number
  /** Id of the event before the first one here: those up to it are in Postgres only. */
  readonly from: number
  readonly entries: Entry[]
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
    async open(ref, attempt, knownId = 0) {
      const key = keyOf(ref)
      const existing = logs.get(key)
      if (existing !== undefined && (existing.attempt >= attempt || existing.ended)) throw new AppError('conflict')
      const afterId = Math.max(knownId, firstIdOf(attempt) - 1)
      const log: Log = existing ?? {
        attempt,
        afterId,
        from: afterId,
        entries: [],
        wake: new Set(),
        ended: false,
        dropped: false,
        lastAppendAt: now(),
      }
      log.attempt = attempt
      log.afterId = Math.max(log.afterId, afterId)
      log.lastAppendAt = now()
      logs.set(key, log)
      return writerOf(log, attempt, now)
    },
    async *tail(ref, afterId, signal) {
      const log = logs.get(keyOf(ref))
      if (log === undefined || afterId > lastIdOf(log)) return
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

const lastIdOf = (log: Log): number => log.entries.at(-1)?.event.id ?? log.from

const bytesOf = (log: Log): number => log.entries.at(-1)?.bytes ?? 0

const wakeAll = (log: Log): void => {
  const waiting = [...log.wake]
  log.wake.clear()
  for (const wake of waiting) wake()
}

const writerOf = (log: Log, attempt: number, now: () => number): RunLogWriter => ({
  async append(bodies) {
    if (log.attempt !== attempt || log.ended || log.dropped) throw new AppError('conflict')
    const events = bodies.map((body, i) => ({ ...body, id: log.afterId + 1 + i, attempt }))
    for (const event of events) {
      log.entries.push({ event, bytes: bytesOf(log) + JSON.stringify(event).length })
      log.afterId = event.id
    }
    log.lastAppendAt = now()
    if (events.some(({ type }) => type === 'end')) log.ended = true
    wakeAll(log)
    return events
  },
})

async function* follow(log: Log, afterId: number, signal: AbortSignal): AsyncGenerator<RunEvent, void, undefined> {
  const first = log.entries.findIndex(({ event }) => event.id > afterId)
  let next = first === -1 ? log.entries.length : first
  let lastId = afterId
  // What was there before it came is no backlog of a reader.
  let takenBytes = bytesOf(log)
  while (!signal.aborted) {
    const entry = log.entries[next]
    if (entry !== undefined) {
      if (bytesOf(log) - takenBytes > MOST_BACKLOG_BYTES) throw new ReaderTooSlow()
      if (!followsOn(lastId, entry.event)) return
      next++
      lastId = entry.event.id
      takenBytes = Math.max(takenBytes, entry.bytes)
      yield entry.event
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

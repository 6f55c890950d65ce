import type { OrgId } from '@quarry/contracts'
import type { Signal, Signals } from './signals.ts'

/** A row of the table `signal`. */
export interface SignalRow {
  readonly id: number
  readonly orgId: OrgId
  readonly topic: Signal['topic']
  readonly subjectId: string
  /** Milliseconds since its transaction began, by the database's clock. */
  readonly ageMs: number
}

export interface SignalSource {
  /** Rows of all organisations with a larger id, in the order of ids, at most `limit`. */
  readAfter(afterId: number, limit: number): Promise<readonly SignalRow[]>
  /** The largest id, 0 when there is none. */
  latestId(): Promise<number>
}

export interface PolledSignalsOptions {
  /** Between two reads. 250 ms is felt as "at once", and costs four index reads a second and process. */
  readonly intervalMs?: number
  /** How long a row may stay invisible while later ids are read already: longer than any transaction lives. */
  readonly overlapMs?: number
  /** Told the first error of an outage, and whatever a listener throws. */
  readonly onError?: (error: unknown) => void
}

const INTERVAL_MS = 250
/** Transactions are cut after 5 s. */
const OVERLAP_MS = 6_000
const ROWS_PER_READ = 1_000
/** Ids to look back at the start, for rows that commit late. */
const LOOK_BACK = 1_000
/** While the database is away: the interval doubles up to this. */
const LONGEST_INTERVAL_MS = 2_000

type Listener = (signal: Signal) => void

/**
 * Reads the table `signal` for everybody in this process, only while somebody listens. Ids are taken before a commit, so
 * a smaller one may show up after a larger one: what is younger than the overlap is read again, and ids that were
 * delivered are left out.
 */
export const createPolledSignals = (source: SignalSource, options: PolledSignalsOptions = {}): Signals => {
  const { intervalMs = INTERVAL_MS, overlapMs = OVERLAP_MS, onError = () => {} } = options
  const listeners = new Map<OrgId, Set<Listener>>()
  let polling: Promise<void> | undefined
  let wake: (() => void) | undefined
  const closing = new AbortController()

  const deliver = (row: SignalRow): void => {
    const signal: Signal = { id: String(row.id), orgId: row.orgId, topic: row.topic, subjectId: row.subjectId }
    for (const listener of listeners.get(row.orgId) ?? []) {
      try {
        listener(signal)
      } catch (error) {
        onError(error)
      }
    }
  }

  const poll = async (): Promise<void> => {
    const reader = createReader(source, overlapMs)
    let failures = 0
    while (listeners.size > 0 && !closing.signal.aborted) {
      try {
        for (const row of await reader.readNew()) deliver(row)
        failures = 0
      } catch (error) {
        failures++
        if (failures === 1) onError(error)
      }
      await pause(Math.min(intervalMs * 2 ** failures, Math.max(intervalMs, LONGEST_INTERVAL_MS)))
    }
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const start = (): void => {
    polling ??= poll().finally(() => {
      polling = undefined
      // Somebody came while the last round ended.
      if (listeners.size > 0 && !closing.signal.aborted) start()
    })
  }

  return {
    subscribe(orgId, listener) {
      const own = listeners.get(orgId) ?? new Set()
      // A listener of its own, so that subscribing one function twice and leaving once leaves one.
      const entry: Listener = (signal) => listener(signal)
      own.add(entry)
      listeners.set(orgId, own)
      start()
      return () => {
        own.delete(entry)
        if (own.size === 0 && listeners.get(orgId) === own) listeners.delete(orgId)
        if (listeners.size === 0) wake?.()
      }
    },
    async close() {
      closing.abort()
      listeners.clear()
      wake?.()
      await polling
    },
  }
}

/** Remembers what was delivered; `readNew` gives the rest. After an error it goes on where it was. */
const createReader = (source: SignalSource, overlapMs: number) => {
  /** Everything up to here is older than the overlap. */
  let settledId: number | undefined
  const delivered = new Set<number>()

  return {
    async readNew(): Promise<SignalRow[]> {
      const isStart = settledId === undefined
      settledId ??= Math.max(0, (await source.latestId()) - LOOK_BACK)
      const rows = await readAll(source, settledId)
      // At the start old rows are nobody's news; young ones may have come after the listener did.
      const fresh = rows.filter((row) => !delivered.has(row.id) && !(isStart && row.ageMs > overlapMs))
      for (const row of rows) delivered.add(row.id)
      const old = rows.filter((row) => row.ageMs > overlapMs).at(-1)
      if (old !== undefined) {
        settledId = old.id
        for (const id of delivered) if (id <= old.id) delivered.delete(id)
      }
      return fresh
    },
  }
}

const readAll = async (source: SignalSource, afterId: number): Promise<SignalRow[]> => {
  const all: SignalRow[] = []
  for (let from = afterId; ;) {
    const rows = await source.readAfter(from, ROWS_PER_READ)
    all.push(...rows)
    const last = rows.at(-1)
    if (last === undefined || rows.length < ROWS_PER_READ) return all
    from = last.id
  }
}

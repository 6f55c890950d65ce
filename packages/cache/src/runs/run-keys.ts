import type { RunRef } from '../run-log.ts'

/** Where the log of a run is in Redis: its events, and a hash of `attempt`, `last` (id) and `ended` (0 or 1). */
export interface RunKeys {
  readonly events: string
  readonly meta: string
}

export const runKeys = ({ orgId, runId }: RunRef): RunKeys => {
  const events = `o:${orgId}:run:${runId}`
  return { events, meta: `${events}:meta` }
}

/** What wakes the reader of a process; `processId` is its own each time that it connects. */
export const wakeKey = (processId: string): string => `run-wake:${processId}`

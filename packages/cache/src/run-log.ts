import type { OrgId, RunEvent, RunEventBody, RunId } from '@quarry/contracts'

export interface RunRef {
  readonly orgId: OrgId
  readonly runId: RunId
}

/** The numbered events of a generation. Any reader tails it from the id that it saw last; ids are 1, 2, 3 … without gaps. */
export interface RunLog {
  /**
   * Opens the log for writing by attempt `attempt`; a writer of an older attempt is refused from then on. Where there is
   * no log yet, numbering goes on after `afterId`: for a take-over, the newest event id that Postgres knows. Throws
   * AppError('conflict') when the same or a newer attempt has opened it, or when it has ended.
   */
  open(ref: RunRef, attempt: number, afterId?: number): Promise<RunLogWriter>
  /**
   * Events after `afterId` (0 = from the start), then live ones, until `end`. Ends early when `signal` aborts.
   * Returns null when the log is not here (expired, or another process wrote it), or has
   * not the events right after `afterId`: read the state from Postgres.
   */
  tail(ref: RunRef, afterId: number, signal: AbortSignal): AsyncIterable<RunEvent> | null
}

export interface RunLogWriter {
  /** Appends and returns the event with its id. Throws AppError('conflict') when a newer attempt has opened the log. */
  append(body: RunEventBody): Promise<RunEvent>
}

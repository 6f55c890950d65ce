import type { OrgId, RunEvent, RunEventBody, RunId } from '@quarry/contracts'

export interface RunRef {
  readonly orgId: OrgId
  readonly runId: RunId
}

/**
 * The numbered events of a generation. Any reader, on any replica, tails it from the id that it saw last. It may be lost
 * at any time: what it held is in `run_part`, two seconds later at the latest.
 *
 * The first attempt's ids are 1, 2, 3 …, those of attempt n go on without gaps after `firstIdOf(n) - 1`. So of two
 * attempts the newer one has the higher ids, whatever was lost in between, and no reader is told again an id that it has
 * seen. The first event of every attempt but the first is a `reset`: it stands for all that was before, so that what is
 * missing before it is no gap.
 */
export interface RunLog {
  /**
   * Opens the log for writing by attempt `attempt`; a writer of an older attempt is refused from then on. Ids come after
   * the log's last one, and after `afterId` at least: for a take-over, the newest event id that Postgres knows.
   * Throws AppError('conflict') when the same or a newer attempt has opened it, or when it has ended. A log that cannot
   * be reached is no reason to throw: the writer then numbers by itself.
   */
  open(ref: RunRef, attempt: number, afterId?: number): Promise<RunLogWriter>
  /**
   * Events after `afterId` (0 = from the start), then live ones, until `end`. Ends early when `signal` aborts, when the
   * log is lost or cannot be reached, and when it has not the events right after those that were read: read the state
   * from Postgres then, and come back. Where many read, texts in a row may come as one, under the id of the last. Holds no
   * connection of its own. Throws ReaderTooSlow. Whoever ends a run in
   * Postgres appends its `end` as well, or readers wait for it as long as the log is kept.
   */
  tail(ref: RunRef, afterId: number, signal: AbortSignal): AsyncIterable<RunEvent>
  /** Ends every reader and lets go of what it holds. */
  close(): Promise<void> | void
}

export interface RunLogWriter {
  /**
   * Appends these events, in order and all of them or none, and returns them with their ids. Throws AppError('conflict')
   * when a newer attempt has opened the log, or when it has ended. Where the log cannot be reached the events are numbered
   * all the same, and a later call makes a log that begins there.
   */
  append(bodies: readonly RunEventBody[]): Promise<readonly RunEvent[]>
}

/**
 * Ids that an attempt may use: an event each 4 ms in the longest time that an answer may take. A hundred attempts stay
 * below the ids that answers from Postgres have.
 */
const IDS_OF_ATTEMPT = 1_000_000

/** The id of the first event of an attempt (1, 2 …). */
export const firstIdOf = (attempt: number): number => (attempt - 1) * IDS_OF_ATTEMPT + 1

/** Whether an event is the next one for who has read up to `lastId`. */
export const followsOn = (lastId: number, event: RunEvent): boolean =>
  event.id === lastId + 1 || (event.type === 'reset' && event.id > lastId)

/** A reader has not taken what it was given: its connection is to be ended, and it may come back. */
export class ReaderTooSlow extends Error {
  override readonly name = 'ReaderTooSlow'
}

/** Of a reader that takes nothing: an answer of a book's length, many times over. */
export const MOST_BACKLOG_BYTES = 1_000_000

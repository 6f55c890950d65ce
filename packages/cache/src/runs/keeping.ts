/** A reader that lost its connection comes back within seconds; five minutes later everything is in Postgres anyway. */
export const KEEP_ENDED_MS = 5 * 60_000
/** A generation that appends nothing for so long is dead: every budget is shorter. */
export const KEEP_SILENT_MS = 65 * 60_000

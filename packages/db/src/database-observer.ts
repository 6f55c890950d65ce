/** Told how the database does; may not throw, and waits for nothing. Knows no values: those are tenants' texts. */
export interface DatabaseObserver {
  /** A statement was answered, or not. `name` as statementName makes it; from `performance.now()`, in milliseconds. */
  statement(name: string, startedAt: number, endedAt: number, failed: boolean): void
  /** A transaction got a connection after so long, or none in time. */
  waited(seconds: number, outcome: 'served' | 'refused'): void
}

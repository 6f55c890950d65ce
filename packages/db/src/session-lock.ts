import { setTimeout as pause } from 'node:timers/promises'
import type postgres from 'postgres'

const POLL_MS = 100

/**
 * Takes an advisory lock for the session of this one connection. Asks again and again instead of waiting inside
 * PostgreSQL: a statement that waits keeps its snapshot, and `create index concurrently` waits for all older ones, so
 * that whoever builds an index under the lock and whoever waits for it would wait for each other.
 *
 * @throws an Error when another session has held it for all of `timeoutMs`
 */
export const takeSessionLock = async (sql: postgres.Sql, lock: number, timeoutMs: number): Promise<void> => {
  const until = Date.now() + timeoutMs
  for (;;) {
    const [row] = await sql.unsafe<{ taken: boolean }[]>(`select pg_try_advisory_lock(${lock}) as taken`)
    if (row?.taken === true) return
    if (Date.now() >= until)
      throw new Error(
        `Another process has been doing the same for ${timeoutMs / 1000} s. Start this again when it has ended.`,
      )
    await pause(POLL_MS)
  }
}

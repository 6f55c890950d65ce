import type { SocketServer } from './socket-server.ts'

/** PGlite has no autovacuum process: without this the planner never learns how big a table is, and dead rows stay. */
const INTERVAL_MS = 20_000
/** Autovacuum's own rule for statistics: 50 rows and a tenth of the table changed since the last time. */
const DUE = `
  select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
  where greatest(n_mod_since_analyze, n_dead_tup) > 50 + 0.1 * n_live_tup
  order by n_mod_since_analyze desc`

/** Vacuums and analyses what changed, a table at a time, giving way to whoever waits. Returns the function that ends it. */
export const startMaintenance = (
  server: SocketServer,
  onError: (error: unknown) => void,
  intervalMs = INTERVAL_MS,
): (() => void) => {
  let running = false
  const run = async (): Promise<void> => {
    if (running || server.isBusy) return
    running = true
    try {
      for (const { name } of await server.query<{ name: string }>(DUE)) {
        if (server.isBusy) break
        await server.query(`vacuum (analyze) ${name}`)
      }
    } catch (error) {
      onError(error)
    } finally {
      running = false
    }
  }
  const timer = setInterval(() => void run(), intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

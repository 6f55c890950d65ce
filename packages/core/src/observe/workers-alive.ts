import { sql } from 'drizzle-orm'
import { schema, type Database } from '@quarry/db'
import type { Metrics } from '@quarry/observability'
import { LIVE_SECONDS } from '../jobs/line.ts'

/** Somebody waits for the reading, and the next one comes in seconds. */
const TIMEOUT_MS = 1_000

/** Has the living workers of the installation counted before each reading. */
export const countWorkersAlive = (metrics: Metrics, database: Database): void => {
  const { workerHeartbeat } = schema
  metrics.beforeReading(async () => {
    const [row] = await database.system(
      (tx) =>
        tx
          // A row is a lane of a process; one of an older release has no process.
          .select({
            count:
              sql<number>`count(distinct coalesce(nullif(${workerHeartbeat.processId}, ''), ${workerHeartbeat.poolId}))`.mapWith(
                Number,
              ),
          })
          .from(workerHeartbeat)
          .where(sql`${workerHeartbeat.seenAt} > now() - ${LIVE_SECONDS} * interval '1 second'`),
      { timeoutMs: TIMEOUT_MS },
    )
    metrics.workersAlive.set({}, row?.count ?? 0)
  })
}

import { and, eq, not, or, sql } from 'drizzle-orm'
import type { CronName } from '@quarry/contracts'
import { newId, schema, type Database } from '@quarry/db'
import { isForgotten, lockName } from './runs.ts'

/** Workers leave a heartbeat each few seconds. */
const ALIVE_SECONDS = 60

/**
 * Asks for something of the clock to be done now; a worker takes it up within a second. Where it runs already, or is
 * asked for, that is it: `requested` is false then. `by`: the id of the operator.
 */
export const requestCron = (
  { database }: { readonly database: Database },
  name: CronName,
  by: string,
): Promise<{ id: string; requested: boolean }> =>
  database.system(async (tx) => {
    const { cronRun, workerHeartbeat } = schema
    await lockName(tx, name)
    const isAlive = sql`exists (select from ${workerHeartbeat} h where h.pool_id = ${cronRun.worker}
      and h.seen_at > now() - ${ALIVE_SECONDS} * interval '1 second')`
    const [unfinished] = await tx
      .select({ id: cronRun.id })
      .from(cronRun)
      .where(
        and(
          eq(cronRun.name, name),
          or(and(eq(cronRun.state, 'queued'), not(isForgotten)), and(eq(cronRun.state, 'running'), isAlive)),
        ),
      )
      .limit(1)
    if (unfinished) return { id: unfinished.id, requested: false }
    const id = newId()
    await tx.insert(cronRun).values({ id, name, state: 'queued', requestedBy: by })
    await tx.execute(sql`select enqueue_cron(${name}, ${id}::uuid)`)
    return { id, requested: true }
  })

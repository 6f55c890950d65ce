import { sql } from 'drizzle-orm'
import { schema, type Database } from '@quarry/db'
import type { CronTask } from '../cron/task.ts'

/** A quarter of a year answers “what was that peak”; the days stay for good. */
const EVENTS_KEPT_DAYS = 90
/** A run writes what it used when it ends, and may hang in its transaction over midnight: two days later none does. */
const SUMMED_AGAIN_DAYS = 2
/** Rows of one transaction. */
const BATCH = 5_000

const { cronRun, usageDay, usageEvent } = schema

/**
 * Sums up the usage of the days (UTC) that are over, and deletes events that are old. A day is written as the sum of its
 * events, whatever was there: so doing it twice, or two at a time, changes nothing.
 */
export const rollUpUsage: CronTask = async ({ database }, signal) => {
  const counts = { days: 0, rows: 0, deleted: 0 }
  for (const day of await daysToSum(database)) {
    signal.throwIfAborted()
    counts.rows += await sumUp(database, day)
    counts.days++
  }
  for (;;) {
    signal.throwIfAborted()
    const gone = await deleteOld(database)
    counts.deleted += gone
    if (gone < BATCH) return counts
  }
}

/**
 * Days with events, ascending, until yesterday: from a little before the last time that this ended well. Where that is not
 * known, as in a database that was restored, all that there are: they come out as they were.
 */
const daysToSum = (database: Database): Promise<string[]> =>
  database.system(async (tx) => {
    const rows = (await tx.execute(sql`
      select distinct ${dayOf(sql`e.created_at`)}::text as day from ${usageEvent} e
      where e.created_at < ${TODAY} and e.created_at >= coalesce(date_trunc('day', (
        select max(c.started_at) from ${cronRun} c where c.name = 'usage-rollup' and c.state = 'succeeded')
        at time zone 'UTC') at time zone 'UTC' - ${SUMMED_AGAIN_DAYS} * interval '1 day', '-infinity')
      order by 1`)) as { day: string }[]
    return rows.map(({ day }) => day)
  })

const TODAY = sql`(date_trunc('day', now() at time zone 'UTC') at time zone 'UTC')`
const dayOf = (moment: ReturnType<typeof sql>) => sql`(${moment} at time zone 'UTC')::date`

const sumUp = (database: Database, day: string): Promise<number> =>
  database.system(async (tx) => {
    // Two that sum up the same rows in another order would wait for each other.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('usage', 0))`)
    const written = (await tx.execute(sql`
      insert into ${usageDay} (org_id, day, kind, model, events, input_tokens, output_tokens)
      select e.org_id, ${day}::date, e.kind, e.model, count(*), sum(e.input_tokens), sum(e.output_tokens)
      from ${usageEvent} e
      where e.created_at >= ${day}::timestamp at time zone 'UTC'
        and e.created_at < (${day}::date + 1)::timestamp at time zone 'UTC'
      group by e.org_id, e.kind, e.model
      on conflict (org_id, day, kind, model) do update set events = excluded.events,
        input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens
      returning org_id`)) as unknown[]
    return written.length
  })

/** Whole days only: a day that is summed up again has all of its events, or none. */
const deleteOld = (database: Database): Promise<number> =>
  database.system(async (tx) => {
    const gone = (await tx.execute(sql`
      delete from ${usageEvent} where (org_id, id) in (
        select e.org_id, e.id from ${usageEvent} e
        where e.created_at < ${TODAY} - ${EVENTS_KEPT_DAYS} * interval '1 day' limit ${BATCH})
      returning id`)) as unknown[]
    return gone.length
  })

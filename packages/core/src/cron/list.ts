import { desc, eq } from 'drizzle-orm'
import type { Adapters } from '@quarry/config'
import { CRON_JOBS, type CronItem } from '@quarry/contracts'
import { schema, type Database } from '@quarry/db'
import { nextTick } from './next-tick.ts'
import { CRON_NAMES, scheduleOf } from './schedule.ts'

/** What the clock does, when it does so next, and how the last time went. */
export const listCron = async ({
  database,
  adapters,
}: {
  readonly database: Database
  readonly adapters: Pick<Adapters, 'backup'>
}): Promise<CronItem[]> => {
  const { cronRun } = schema
  const now = new Date()
  const newest = await database.system(async (tx) => {
    const rows: (typeof cronRun.$inferSelect)[] = []
    for (const name of CRON_NAMES)
      rows.push(
        ...(await tx.select().from(cronRun).where(eq(cronRun.name, name)).orderBy(desc(cronRun.enqueuedAt)).limit(1)),
      )
    return new Map(rows.map((row) => [row.name, row]))
  })
  return CRON_NAMES.map((name) => {
    const schedule = scheduleOf(name, adapters)
    const last = newest.get(name)
    return {
      name,
      about: CRON_JOBS[name],
      schedule: schedule?.at ?? null,
      nextAt: (schedule && nextTick(schedule.at, now)?.toISOString()) ?? null,
      last: last
        ? {
            id: last.id,
            state: last.state,
            requestedBy: last.requestedBy,
            startedAt: last.startedAt?.toISOString() ?? null,
            finishedAt: last.finishedAt?.toISOString() ?? null,
            counts: last.counts,
            errorClass: last.errorClass,
            errorMessage: last.errorMessage,
          }
        : null,
    }
  })
}

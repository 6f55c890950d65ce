import { sql } from 'drizzle-orm'
import type { ProcessItem, ProcessList } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { z } from 'zod'
import type { OperatorContext } from '../context.ts'
import { figuresOf, type Figures } from '../processes/figures.ts'

/** Two reports may fail to come before a process counts as gone. */
const LIVE_SECONDS = 45
/** One that is gone is shown for so long: whoever is called because of it sees which it was. */
const SHOWN_MINUTES = 15
/** What it does a second or a minute is told from reports so far apart: four intervals, less what they jitter. */
const BASE_SECONDS = 55
/** A process that crashes at each start leaves one a time. */
const MOST = 200

/** Processes that report, and those that stopped doing so lately: where they are, since when, and what they do now. */
export const listProcesses = async ({ deps }: OperatorContext): Promise<ProcessList> => {
  const { processReport: report } = schema
  const rows = await deps.database.system((tx) =>
    tx.execute(sql`
      select r.process, r.kind, r.index, r.host, r.build, r.started_at, r.at, r.figures, r.live,
        base.at as base_at, base.figures as base_figures
      from (
        select distinct on (process) *, at > now() - ${LIVE_SECONDS} * interval '1 second' as live
        from ${report} where at > now() - ${SHOWN_MINUTES} * interval '1 minute' order by process, at desc
      ) r
      left join lateral (
        select b.at, b.figures from ${report} b
        where b.process = r.process and b.at <= r.at - ${BASE_SECONDS} * interval '1 second' order by b.at desc limit 1
      ) base on true
      order by r.live desc, r.kind, r.index, r.started_at desc limit ${MOST}`),
  )
  return { reporting: deps.reportsAs !== null, processes: z.array(reportRow).parse(rows).map(toItem) }
}

const reportRow = z.object({
  process: z.string(),
  kind: z.enum(['web', 'worker']),
  index: z.number(),
  host: z.string(),
  build: z.string(),
  started_at: z.coerce.date(),
  at: z.coerce.date(),
  figures: figuresOf,
  live: z.boolean(),
  base_at: z.coerce.date().nullable(),
  base_figures: figuresOf.nullable(),
})

const toItem = (row: z.infer<typeof reportRow>): ProcessItem => {
  // One that has just been started had nothing at its start.
  const since = (row.base_at ?? row.started_at).getTime()
  const seconds = Math.max(1, (row.at.getTime() - since) / 1000)
  const perSecond = (key: keyof Pick<Figures, 'requests' | 'jobs'>): number =>
    Math.max(0, row.figures[key] - (row.base_figures?.[key] ?? 0)) / seconds
  return {
    process: row.process,
    kind: row.kind,
    index: row.index,
    host: row.host,
    build: row.build,
    startedAt: row.started_at.toISOString(),
    seenAt: row.at.toISOString(),
    live: row.live,
    rssBytes: row.figures.rssBytes,
    loopDelayMs: row.figures.loopDelayMs,
    requestsPerSecond: row.kind === 'web' && row.live ? perSecond('requests') : null,
    jobsPerMinute: row.kind === 'worker' && row.live ? perSecond('jobs') * 60 : null,
  }
}

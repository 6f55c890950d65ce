import { sql } from 'drizzle-orm'
import type { InstallationFigures } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { z } from 'zod'
import type { OperatorContext } from '../context.ts'
import { figuresOf } from '../processes/figures.ts'
import { REPORT_MS } from '../processes/report.ts'
import { GAUGES, toSeries } from '../processes/series.ts'
import { bucketStarts, RANGES, type Range } from '../time-buckets.ts'

/** By then every process that lives has reported what it did until so long ago. */
const LAG_MS = REPORT_MS + 5_000
/** A process that crashes at each start leaves rows of its own a time: the newest are enough for a chart. */
const MOST = 10_000

/**
 * What all processes did together in the last hour or day. Of each process the last report in each bucket is read, since
 * counts run on, and the most of what goes up and down in between.
 */
export const readFigures = async (
  { deps: { database } }: OperatorContext,
  { range }: { range: Range },
): Promise<InstallationFigures> => {
  const { processReport: report } = schema
  const end = Date.now() - LAG_MS
  const starts = bucketStarts(range, new Date(end))
  const { minutes } = RANGES[range]
  const interval = `${minutes} minutes`
  // One more before them: from there the first one's difference is told.
  const from = new Date((starts[0] ?? end) - minutes * 60_000).toISOString()
  const gauges = sql.join(
    GAUGES.map((key) => sql`max((figures ->> ${sql.raw(`'${key}'`)})::float8) as ${sql.identifier(key)}`),
    sql`, `,
  )
  const rows = await database.system((tx) =>
    tx.execute(sql`
      select r.process, r.started_at, r.at, r.figures, b.* from (
        select process as of_process, date_bin(${interval}::interval, at, 'epoch'::timestamptz) as bucket, max(at) as last_at, ${gauges}
        from ${report} where at >= ${from}::timestamptz group by 1, 2
      ) b
      join ${report} r on r.process = b.of_process and r.at = b.last_at
      order by r.at desc limit ${MOST}`),
  )
  const buckets = z
    .array(reportRow)
    .parse(rows)
    .map((row) => ({
      process: row.process,
      startedAt: row.started_at.getTime(),
      at: row.at.getTime(),
      bucket: row.bucket.getTime(),
      figures: row.figures,
      most: row,
    }))
  return { points: toSeries(buckets, starts, end) }
}

const gauge = z.coerce.number().nullable()
const reportRow = z.object({
  process: z.string(),
  started_at: z.coerce.date(),
  at: z.coerce.date(),
  bucket: z.coerce.date(),
  figures: figuresOf,
  poolWaiting: gauge,
  queueDepth: gauge,
  oldestJobSeconds: gauge,
  loopDelayMs: gauge,
})

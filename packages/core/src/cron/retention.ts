import { inArray, lt, sql, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { pruneOutbox, pruneSignals, schema, type Database, type SystemTx } from '@quarry/db'
import { sweepIdempotencyKeys } from '../chat/sweep-keys.ts'
import { sweepDeletedConversations } from '../conversations/sweep-deleted.ts'
import type { CronTask } from './task.ts'

/** A poller reads signals four times a second; one that is away for so long reads the rows again anyway. */
const SIGNALS_KEPT_MS = 10 * 60_000
/** Without a Redis, or with one that is away for longer, nobody keeps what these rows would end. */
const OUTBOX_KEPT_MS = 10 * 60_000
/** A month answers “what happened to my file”; the audit log keeps what must be kept longer. */
const JOBS_KEPT_DAYS = 30
/** 1,440 lines a day of what is done each minute; a month of all that happens once a day. */
const CRON_KEPT_DAYS = 30
const FREQUENT_CRON_KEPT_DAYS = 2
/** “Who paused this in spring?” An organisation's own audit is kept for good; this is the installation's. */
const OPERATOR_EVENTS_KEPT_DAYS = 400
/** As much as the page Operations shows. */
const REPORTS_KEPT_DAYS = 1
/** Rows of one transaction: some hundredths of a second. */
const BATCH = 2_000

const FREQUENT = ['reconcile', 'retention', 'deleted-organisations']

const { cronRun, jobRun, operatorEvent, processReport } = schema

/** Deletes what nobody reads any more. */
export const retain: CronTask = async ({ database }, signal) => {
  const old = (column: PgColumn, days: number): SQL => lt(column, sql`now() - ${days} * interval '1 day'`)
  const remove = (table: PgTable, key: readonly PgColumn[], where: SQL): Promise<number> =>
    inBatches(database, signal, (tx) => deleteSome(tx, table, key, where))
  const oldCron = sql`${cronRun.state} not in ('queued', 'running') and (${old(cronRun.enqueuedAt, CRON_KEPT_DAYS)}
    or (${inArray(cronRun.name, FREQUENT)} and ${old(cronRun.enqueuedAt, FREQUENT_CRON_KEPT_DAYS)}))`
  await database.system(async (tx) => {
    await pruneSignals(tx, new Date(Date.now() - SIGNALS_KEPT_MS))
    await pruneOutbox(tx, new Date(Date.now() - OUTBOX_KEPT_MS))
  })
  return {
    jobs: await remove(jobRun, [jobRun.orgId, jobRun.id], old(jobRun.finishedAt, JOBS_KEPT_DAYS)),
    cronRuns: await remove(cronRun, [cronRun.id], oldCron),
    operatorEvents: await remove(
      operatorEvent,
      [operatorEvent.id],
      old(operatorEvent.createdAt, OPERATOR_EVENTS_KEPT_DAYS),
    ),
    reports: await remove(
      processReport,
      [processReport.process, processReport.at],
      old(processReport.at, REPORTS_KEPT_DAYS),
    ),
    idempotencyKeys: await sweepIdempotencyKeys({ database }),
    conversations: await sweepDeletedConversations({ database }),
  }
}

/** Until there are none left. */
const inBatches = async (
  database: Database,
  signal: AbortSignal,
  some: (tx: SystemTx) => Promise<number>,
): Promise<number> => {
  for (let total = 0; ;) {
    signal.throwIfAborted()
    const gone = await database.system(some)
    total += gone
    if (gone < BATCH) return total
  }
}

const deleteSome = async (tx: SystemTx, table: PgTable, key: readonly PgColumn[], where: SQL): Promise<number> => {
  const columns = sql.join([...key], sql`, `)
  const gone = (await tx.execute(
    // Said twice, so that an index on the age serves for both.
    sql`delete from ${table} where ${where} and (${columns}) in (select ${columns} from ${table} where ${where} limit ${BATCH})
        returning ${key[0]}`,
  )) as unknown[]
  return gone.length
}

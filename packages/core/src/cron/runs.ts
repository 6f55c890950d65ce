import { and, eq, inArray, sql } from 'drizzle-orm'
import { cronName, type CronName } from '@quarry/contracts'
import { newId, schema, type Database, type SystemTx } from '@quarry/db'
import { LIVE_SECONDS } from '../jobs/line.ts'

const { cronRun, workerHeartbeat } = schema

/** What it found and did, by name. */
export type Counts = Readonly<Record<string, number>>

export interface CronStart {
  readonly name: CronName
  /** Of the row of who asked for it; null: the clock did. */
  readonly runId: string | null
  /** The minute that it is for; null where somebody asked for it. */
  readonly tick: Date | null
  /** The worker pool that runs it. */
  readonly worker: string
}

/** A minute that was reached late, because the machine slept: what ran since then counts for it. */
const LATE_SECONDS = 30

/**
 * Notes that something of the clock begins, and what was running before is lost: its worker is dead, or the queue would
 * not have let this one in. Null when it is not to begin: it runs in a worker that lives, it ran since the minute that
 * it is for, or who asked for it has been served. To be called with nothing else of that name beginning.
 */
export const beginCron = (database: Database, start: CronStart): Promise<string | null> =>
  database.system(async (tx) => {
    const { name, runId, tick, worker } = start
    await lockName(tx, name)
    const running = and(eq(cronRun.name, name), eq(cronRun.state, 'running'))
    const isAlive = sql`exists (select from ${workerHeartbeat} h where h.pool_id = ${cronRun.worker} and h.pool_id <> ${worker}
      and h.seen_at > now() - ${LIVE_SECONDS} * interval '1 second')`
    const [other] = await tx.select({ id: cronRun.id }).from(cronRun).where(and(running, isAlive)).limit(1)
    if (other) return null
    await tx.update(cronRun).set(LOST).where(running)
    if (tick !== null && (await isServed(tx, name, tick))) return null
    if (runId === null) {
      const id = newId()
      await tx.insert(cronRun).values({ id, name, state: 'running', worker, startedAt: sql`now()` })
      return id
    }
    const [taken] = await tx
      .update(cronRun)
      .set({ state: 'running', worker, startedAt: sql`now()` })
      .where(and(eq(cronRun.id, runId), eq(cronRun.state, 'queued')))
      .returning({ id: cronRun.id })
    return taken?.id ?? null
  })

/** Two that begin or ask at the same time take turns. */
export const lockName = async (tx: SystemTx, name: CronName): Promise<void> => {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`cron:${name}`}, 0))`)
}

const LOST = {
  state: 'lost',
  finishedAt: sql`now()`,
  errorClass: 'worker_lost',
  errorMessage: 'Its worker is gone.',
} as const

const isServed = async (tx: SystemTx, name: CronName, tick: Date): Promise<boolean> => {
  if (Date.now() - tick.getTime() < LATE_SECONDS * 1000) return false
  const [since] = await tx
    .select({ id: cronRun.id })
    .from(cronRun)
    .where(
      and(
        eq(cronRun.name, name),
        inArray(cronRun.state, ['succeeded', 'failed']),
        sql`${cronRun.startedAt} > ${tick.toISOString()}::timestamptz`,
      ),
    )
    .limit(1)
  return since !== undefined
}

export interface CronEnd {
  readonly state: 'succeeded' | 'failed' | 'lost'
  readonly counts: Counts
  readonly errorClass: string | null
  /** For operators; never a document's text. */
  readonly errorMessage: string | null
}

/** Notes how it ended, unless it counts as lost by then. */
export const endCron = (database: Database, id: string, worker: string, end: CronEnd): Promise<void> =>
  database.system(async (tx) => {
    await tx
      .update(cronRun)
      .set({ ...end, finishedAt: sql`now()` })
      .where(and(eq(cronRun.id, id), eq(cronRun.worker, worker), eq(cronRun.state, 'running')))
  })

/** A worker takes up within a second what was asked for: its job is gone by then, or whoever asked has given up. */
const FORGOTTEN_MINUTES = 10
export const isForgotten = sql`${cronRun.enqueuedAt} < now() - ${FORGOTTEN_MINUTES} * interval '1 minute'`

/**
 * What workers were at that have left no heartbeat for a while is lost, and what was asked for that none has taken up; the
 * clock comes round again. Returns how many.
 */
export const loseCron = (database: Database): Promise<number> =>
  database.system(async (tx) => {
    const lost = await tx
      .update(cronRun)
      .set(LOST)
      .where(
        and(
          eq(cronRun.state, 'running'),
          sql`${cronRun.startedAt} < now() - ${LIVE_SECONDS} * interval '1 second'`,
          sql`not exists (select from ${workerHeartbeat} h where h.pool_id = ${cronRun.worker}
            and h.seen_at > now() - ${LIVE_SECONDS} * interval '1 second')`,
        ),
      )
      .returning({ id: cronRun.id })
    const forgotten = await tx
      .update(cronRun)
      .set({ ...LOST, errorMessage: 'No worker has taken it up.' })
      .where(and(eq(cronRun.state, 'queued'), isForgotten))
      .returning({ id: cronRun.id })
    return lost.length + forgotten.length
  })

/** When each last ended well, whoever ran it. */
export const lastSuccesses = (database: Database): Promise<Map<CronName, Date>> =>
  database.system(async (tx) => {
    const rows = await tx
      .select({ name: cronRun.name, at: sql<string>`max(${cronRun.finishedAt})` })
      .from(cronRun)
      .where(eq(cronRun.state, 'succeeded'))
      .groupBy(cronRun.name)
    return new Map(
      rows.flatMap(({ name, at }) => {
        const known = cronName.safeParse(name)
        return known.success ? [[known.data, new Date(at)] as const] : []
      }),
    )
  })

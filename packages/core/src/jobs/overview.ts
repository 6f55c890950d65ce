import { and, eq, gte, sql, type SQL } from 'drizzle-orm'
import { JOB_KINDS, type JobKind, type JobOverview, type OrgId } from '@quarry/contracts'
import { schema, type Database, type SystemTx, type TenantTx } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { bucketStarts, RANGES, type Range } from '../time-buckets.ts'
import { isUnfinished } from './list.ts'

const { jobPause, jobRun } = schema

/** Classes of errors are names in our code: there are never as many. */
const MOST_FAILURES = 100

/** What the organisation has to do, and what became of it in the last hour or day. */
export const readJobOverview = async (ctx: VerbContext, { range }: { range: Range }): Promise<JobOverview> => {
  authorise(ctx, 'jobs.manage')
  const { database } = ctx.deps
  const now = new Date()
  const read = await database.tenant(ctx.actor).tx((tx) => readCounts(tx, ctx.actor.orgId, range, now))
  return toOverview(read, await database.system(readPaused))
}

/** The same of all organisations together. */
export const readInstallationOverview = async (
  database: Pick<Database, 'system'>,
  range: Range,
): Promise<JobOverview> => {
  const now = new Date()
  const { read, paused } = await database.system(async (tx) => ({
    read: await readCounts(tx, null, range, now),
    paused: await readPaused(tx),
  }))
  return toOverview(read, paused)
}

type Tx = TenantTx | SystemTx
type Counts = Awaited<ReturnType<typeof readCounts>>

const readCounts = async (tx: Tx, orgId: OrgId | null, range: Range, now: Date) => {
  const starts = bucketStarts(range, now)
  const from = new Date(starts[0] ?? now)
  const ofOrganisation = orgId === null ? undefined : eq(jobRun.orgId, orgId)
  return {
    starts,
    depths: await readDepths(tx, ofOrganisation),
    buckets: await readBuckets(tx, and(ofOrganisation, gte(jobRun.finishedAt, from)), range),
    failures: await readFailures(tx, and(ofOrganisation, gte(jobRun.finishedAt, from), eq(jobRun.state, 'failed'))),
  }
}

const readDepths = (tx: Tx, ofOrganisation: SQL | undefined) =>
  tx
    .select({
      kind: jobRun.kind,
      state: jobRun.state,
      jobs: sql<number>`count(*)::int`.mapWith(Number),
      oldestAt: sql<Date>`min(${jobRun.enqueuedAt})`.mapWith(jobRun.enqueuedAt),
    })
    .from(jobRun)
    .where(and(ofOrganisation, isUnfinished))
    .groupBy(jobRun.kind, jobRun.state)

const readBuckets = (tx: Tx, ended: SQL | undefined, range: Range) => {
  const at = sql`date_bin(${`${RANGES[range].minutes} minutes`}::interval, ${jobRun.finishedAt}, 'epoch'::timestamptz)`
  const ranFor = (from: SQL, to: SQL) =>
    sql<
      number[] | null
    >`percentile_cont(array[0.5, 0.95]) within group (order by extract(epoch from ${to} - ${from})::float8 * 1000)
      filter (where ${jobRun.startedAt} is not null and ${jobRun.state} in ('succeeded', 'failed'))`
  const count = (state: string) =>
    sql<number>`(count(*) filter (where ${jobRun.state} = ${state}))::int`.mapWith(Number)
  const [asked, started, finished] = [sql`${jobRun.enqueuedAt}`, sql`${jobRun.startedAt}`, sql`${jobRun.finishedAt}`]
  return tx
    .select({
      at: sql<number>`extract(epoch from ${at})::float8 * 1000`.mapWith(Number),
      succeeded: count('succeeded'),
      failed: count('failed'),
      cancelled: count('cancelled'),
      waitMs: ranFor(asked, started),
      durationMs: ranFor(started, finished),
    })
    .from(jobRun)
    .where(ended)
    .groupBy(sql`1`)
}

const readFailures = (tx: Tx, failed: SQL | undefined) =>
  tx
    .select({
      kind: jobRun.kind,
      errorClass: sql<string>`coalesce(${jobRun.errorClass}, 'unknown')`,
      jobs: sql<number>`count(*)::int`.mapWith(Number),
      lastAt: sql<Date>`max(${jobRun.finishedAt})`.mapWith(jobRun.finishedAt),
    })
    .from(jobRun)
    .where(failed)
    .groupBy(jobRun.kind, sql`2`)
    .orderBy(sql`3 desc`, sql`4 desc`)
    .limit(MOST_FAILURES)

const readPaused = async (tx: SystemTx): Promise<ReadonlySet<string>> =>
  new Set((await tx.select({ kind: jobPause.kind }).from(jobPause)).map(({ kind }) => kind))

const toOverview = ({ starts, depths, buckets, failures }: Counts, paused: ReadonlySet<string>): JobOverview => ({
  kinds: (Object.keys(JOB_KINDS) as JobKind[]).map((kind) => {
    const ofKind = depths.filter((row) => row.kind === kind)
    const jobs = (state: string) => ofKind.find((row) => row.state === state)?.jobs ?? 0
    const oldest = ofKind.filter(({ state }) => state !== 'running').map(({ oldestAt }) => oldestAt.getTime())
    return {
      kind,
      waiting: jobs('waiting'),
      queued: jobs('queued'),
      running: jobs('running'),
      retrying: jobs('retrying'),
      oldestAt: oldest.length === 0 ? null : new Date(Math.min(...oldest)).toISOString(),
      paused: paused.has(kind),
    }
  }),
  buckets: starts.map((start) => {
    const bucket = buckets.find(({ at }) => at === start)
    return {
      at: new Date(start).toISOString(),
      succeeded: bucket?.succeeded ?? 0,
      failed: bucket?.failed ?? 0,
      cancelled: bucket?.cancelled ?? 0,
      waitMs: quantilesOf(bucket?.waitMs),
      durationMs: quantilesOf(bucket?.durationMs),
    }
  }),
  failures: failures.map(({ kind, errorClass, jobs, lastAt }) => ({
    kind: kind as JobKind,
    errorClass,
    count: jobs,
    lastAt: lastAt.toISOString(),
  })),
})

const quantilesOf = (pair: readonly number[] | null | undefined): { p50: number; p95: number } | null => {
  const [p50, p95] = pair ?? []
  return p50 === undefined || p95 === undefined ? null : { p50, p95 }
}

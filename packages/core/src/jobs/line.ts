import { sql } from 'drizzle-orm'
import type { Database } from '@quarry/db'
import { z } from 'zod'

/** A worker that has not been heard of for so long is taken for dead: six of its heartbeats. queue_places() says the same. */
export const LIVE_SECONDS = 30
/** Of another organisation's jobs that wait so many are counted: beyond them nobody wants to know it more exactly. */
const MOST_COUNTED = 1_000
/** Jobs that ended last, of which is learnt how long they take: looked up in a few milliseconds. */
const LEARNT_FROM = 300
/** Sizes of files that take about as long: each class four times the one before, from 16 KiB on. */
const SIZE_CLASSES = [16, 64, 256, 1024, 4096, 16_384, 65_536].map((kib) => kib * 1024)

/** The number of bounds that a file is larger than; null where nobody knows how large it is. */
export const sizeClassOf = (sizeBytes: number | null): number | null =>
  sizeBytes === null ? null : SIZE_CLASSES.filter((bound) => sizeBytes >= bound).length

/** What waits and runs of one kind in the whole installation. Numbers only: nothing here is anybody's. */
export interface Line {
  readonly pausedAt: Date | null
  /** Jobs that live workers take up at the same time. */
  readonly places: number
  readonly running: number
  /** In the line that all organisations share. */
  readonly queued: number
  /** Of each other organisation that has more to do than its turn allows: how many wait. */
  readonly othersWaiting: readonly number[]
  /** Median time that such jobs took, in ms, by size class; under null of all sizes. */
  readonly tookMs: ReadonlyMap<number | null, number>
}

export interface Lines {
  readonly of: (kind: string) => Line
  /** How many are before these jobs in the line that all share, by id. */
  readonly before: ReadonlyMap<string, number>
}

/**
 * How things stand with the queue, as of now, for those who ask why something waits: one statement in one transaction.
 * `queuedIds`: jobs of which is asked how many are before them.
 */
export const readLines = async (
  database: Pick<Database, 'system'>,
  orgId: string,
  queuedIds: readonly string[],
): Promise<Lines> => {
  const [state] = found.parse(await database.system((tx) => tx.execute(stateOfQueue(orgId, queuedIds))))
  const { paused, places, counts, before, took } = state
  const of = (kind: string): Line => {
    const ofKind = counts.filter((row) => row.kind === kind)
    const sum = (state: string) =>
      ofKind.filter((row) => row.state === state).reduce((total, { jobs }) => total + jobs, 0)
    return {
      pausedAt: paused[kind] ? new Date(paused[kind]) : null,
      places: places[kind] ?? 0,
      running: sum('running'),
      queued: sum('queued'),
      othersWaiting: ofKind.filter(({ state, own }) => state === 'waiting' && !own).map(({ jobs }) => jobs),
      tookMs: new Map(took.filter((row) => row.kind === kind).map(({ size, ms }) => [size, ms])),
    }
  }
  return { of, before: new Map(Object.entries(before)) }
}

const found = z.tuple([
  z.object({
    paused: z.record(z.string(), z.string()),
    places: z.record(z.string(), z.number()),
    counts: z.array(z.object({ kind: z.string(), state: z.string(), own: z.boolean(), jobs: z.number() })),
    before: z.record(z.string(), z.number()),
    took: z.array(z.object({ kind: z.string(), size: z.number().nullable(), ms: z.number() })),
  }),
])

const stateOfQueue = (orgId: string, queuedIds: readonly string[]) => sql`
  select
    (select coalesce(json_object_agg(p.kind, p.paused_at), '{}') from job_pause p) as paused,
    (select coalesce(json_object_agg(w.kind, w.places), '{}') from (
      select kind, sum(h.places)::int as places from worker_heartbeat h, unnest(h.kinds) kind
      where h.seen_at > now() - ${LIVE_SECONDS} * interval '1 second' group by kind) w) as places,
    (select coalesce(json_agg(c), '[]') from (
      select j.kind, j.state, j.org_id = ${orgId}::uuid as own, count(*)::int as jobs from job_run j
      where j.state in ('queued', 'running') group by j.kind, j.state, j.org_id
      union all
      select w.kind, 'waiting', false, w.jobs from (${othersWaiting(orgId)}) w) c) as counts,
    (select coalesce(json_object_agg(q.id, q.before), '{}') from (
      select j.id, row_number() over (partition by j.kind order by j.bulk, j.job_id::bigint)::int - 1 as before
      from job_run j where j.state = 'queued') q where q.id = any (${uuids(queuedIds)})) as before,
    (select coalesce(json_agg(t), '[]') from (
      select e.kind, e.size, percentile_cont(0.5) within group (order by e.ms) as ms from (
        select j.kind, width_bucket(v.size_bytes, ${bigints(SIZE_CLASSES)}) as size,
          extract(epoch from j.finished_at - j.started_at)::float8 * 1000 as ms
        from (
          select * from job_run where finished_at > now() - interval '30 days' order by finished_at desc limit ${LEARNT_FROM}
        ) j left join lateral (
          select size_bytes from document_version d where d.org_id = j.org_id and d.id = j.subject_id limit 1) v on true
        where j.state = 'succeeded' and j.started_at is not null) e
      group by grouping sets ((e.kind, e.size), (e.kind))
      -- A size that is not known is no class; the sum over all sizes is.
      having grouping(e.size) = 1 or e.size is not null) t) as took`

/** How many wait of each other organisation and kind: one step through the index for each of them, and not for each job. */
const othersWaiting = (orgId: string) => sql`
  with recursive pair as (
    (select j.org_id, j.kind from job_run j where j.state in ('waiting', 'queued', 'running', 'retrying')
      order by j.org_id, j.kind limit 1)
    union all
    select n.org_id, n.kind from pair p cross join lateral (
      select j.org_id, j.kind from job_run j where j.state in ('waiting', 'queued', 'running', 'retrying')
        and (j.org_id, j.kind) > (p.org_id, p.kind) order by j.org_id, j.kind limit 1) n)
  select p.kind, counted.jobs from pair p cross join lateral (
    select count(*)::int as jobs from (
      select from job_run j where j.org_id = p.org_id and j.kind = p.kind and j.state = 'waiting'
      limit ${MOST_COUNTED}) counted_rows) counted
  where p.org_id <> ${orgId}::uuid and counted.jobs > 0`

export const uuids = (ids: readonly string[]) => sql`${`{${ids.join(',')}}`}::uuid[]`
const bigints = (numbers: readonly number[]) => sql`${`{${numbers.join(',')}}`}::bigint[]`

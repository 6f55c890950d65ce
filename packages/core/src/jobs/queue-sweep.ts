import { sql, type SQL } from 'drizzle-orm'
import { jobRunId, orgId, type Actor, type JobRunId, type OrgId } from '@quarry/contracts'
import type { Database } from '@quarry/db'
import type { Logger } from '@quarry/observability'
import { z } from 'zod'
import { oneByOne } from './one-by-one.ts'

/** One look; the next one goes on behind it, so that rows which stay as they are hide no others. */
const MOST = 500
/** What is just being put into the line, or taken out of it, is not missing there. */
const SETTLED_SECONDS = 30

export interface OrphanedJob {
  readonly orgId: OrgId
  readonly id: JobRunId
  readonly kind: string
  readonly payload: unknown
  /** The dead pool. */
  readonly worker: string
  readonly attempt: number
}

const systemOf = (id: OrgId): Actor => ({ kind: 'system', id: null, orgId: id, role: 'owner' })

const rowsOf = async <T>(database: Database, row: z.ZodType<T>, query: SQL): Promise<T[]> =>
  z.array(row).parse(await database.system((tx) => tx.execute(query)))

/** Where the next look begins: behind the last row of a full one, and else with the first. */
export class Bookmark {
  #at: { readonly created: string; readonly id: string } | null = null
  /** The rows behind it, in the order of job_run_all_of_state. */
  get behind(): SQL {
    return this.#at === null
      ? sql`true`
      : sql`(j.created_at, j.id) > (${this.#at.created}::timestamptz, ${this.#at.id}::uuid)`
  }
  keep(rows: readonly { readonly created: string; readonly id: string }[]): void {
    this.#at = rows.length < MOST ? null : (rows.at(-1) ?? null)
  }
}

const orphan = z.object({
  ...{ org_id: orgId, id: jobRunId, kind: z.string(), payload: z.unknown(), worker: z.string(), attempt: z.int() },
  created: z.string(),
})

/** Jobs whose worker has left no sign for so long. `own` are the pools of who asks: none of them is dead. */
export const orphanedJobs = async (
  database: Database,
  own: readonly string[],
  graceSeconds: number,
  bookmark = new Bookmark(),
): Promise<OrphanedJob[]> => {
  const rows = await rowsOf(
    database,
    orphan,
    sql`select j.org_id, j.id, j.kind, j.payload, j.worker, j.attempt, j.created_at::text as created from job_run j
      where j.state = 'running' and j.worker <> all (${sql.param(`{${own.join(',')}}`)}::text[])
        and j.updated_at < now() - ${graceSeconds} * interval '1 second'
        and not exists (select from worker_heartbeat h
          where h.pool_id = j.worker and h.seen_at > now() - ${graceSeconds} * interval '1 second')
        and ${bookmark.behind}
      order by j.created_at, j.id limit ${MOST}`,
  )
  bookmark.keep(rows)
  return rows.map(({ org_id, id, kind, payload, worker, attempt }) => ({
    orgId: org_id,
    id,
    kind,
    payload,
    worker,
    attempt,
  }))
}

/** Of the jobs that these pools run, those that somebody has cancelled. */
export const cancelledJobs = async (database: Database, pools: readonly string[]): Promise<JobRunId[]> => {
  const rows = await rowsOf(
    database,
    z.object({ id: jobRunId }),
    sql`select j.id from job_run j where j.state = 'running' and j.cancel_requested_at is not null
      and j.worker = any (${sql.param(`{${pools.join(',')}}`)}::text[])`,
  )
  return rows.map(({ id }) => id)
}

const due = z.object({ org_id: orgId, kind: z.string() })
type Due = z.infer<typeof due>

/** The next organisation and kind with something to do, in the order of job_run_unfinished. */
const nextPair = (behind: SQL) => sql`(
  select j.org_id, j.kind from job_run j
  where j.state in ('waiting', 'queued', 'running', 'retrying') and ${behind}
  order by j.org_id, j.kind limit 1)`

/**
 * Organisations whose window of a kind has room and whose jobs of it may begin. Looks once at each of them, and not at each
 * job that waits: of a heap of thousands one is enough.
 */
const organisationsWithRoom = (database: Database, behind: Due | null): Promise<Due[]> =>
  rowsOf(
    database,
    due,
    sql`with recursive pair as (
        ${nextPair(behind === null ? sql`true` : sql`(j.org_id, j.kind) > (${behind.org_id}::uuid, ${behind.kind})`)}
        union all
        select n.org_id, n.kind from pair p cross join lateral ${nextPair(sql`(j.org_id, j.kind) > (p.org_id, p.kind)`)} n)
      select p.org_id, p.kind from pair p
      where exists (select from job_run j where j.org_id = p.org_id and j.kind = p.kind and j.state in ('waiting', 'retrying')
          and (j.run_at is null or j.run_at <= now()))
        and (select count(*) from job_run j where j.org_id = p.org_id and j.kind = p.kind and j.state in ('queued', 'running'))
          < queue_places(p.kind)
      limit ${MOST}`,
  )

/**
 * Lets jobs into the line whose moment has come, or that were forgotten: two transactions that counted a window at the same
 * time may both have found it full. Looks on behind `behind`. Returns how many, and where the next look begins.
 */
export const admitDueJobs = async (
  database: Database,
  logger: Logger,
  behind: Due | null = null,
): Promise<{ admitted: number; behind: Due | null }> => {
  const organisations = await organisationsWithRoom(database, behind)
  let admitted = 0
  const admit = async ({ org_id, kind }: z.infer<typeof due>): Promise<void> => {
    const rows = await database
      .tenant(systemOf(org_id))
      .tx((tx) => tx.execute(sql`select app_admit_jobs(${kind}) as admitted`))
    admitted += z.array(z.object({ admitted: z.int() })).parse(rows)[0]?.admitted ?? 0
  }
  await oneByOne(organisations, admit, logger, 'jobs whose turn it is could not be let in; it is tried again')
  return { admitted, behind: organisations.length < MOST ? null : (organisations.at(-1) ?? null) }
}

const queued = z.object({ org_id: orgId, id: jobRunId, job_id: z.string(), created: z.string(), gone: z.boolean() })

/** Gives jobs another row in the line that have lost theirs: a backup that was put back has the jobs alone. Returns how many. */
export const requeueMissingJobs = async (
  database: Database,
  logger: Logger,
  bookmark = new Bookmark(),
): Promise<number> => {
  const settled = await rowsOf(
    database,
    queued,
    sql`with settled as materialized (
        select j.org_id, j.id, j.job_id, j.created_at from job_run j
        where j.state = 'queued' and j.updated_at < now() - ${SETTLED_SECONDS} * interval '1 second' and ${bookmark.behind}
        order by j.created_at, j.id limit ${MOST})
      select s.org_id, s.id, s.job_id, s.created_at::text as created,
        s.id in (select queue_missing(array_agg(id), array_agg(job_id::bigint)) from settled) as gone
      from settled s order by s.created_at, s.id`,
  )
  bookmark.keep(settled)
  const missing = settled.filter(({ gone }) => gone)
  let requeued = 0
  const requeue = async ({ org_id, id, job_id }: z.infer<typeof queued>): Promise<void> => {
    const rows = await database
      .tenant(systemOf(org_id))
      .tx((tx) => tx.execute(sql`select app_job_missing(${id}::uuid, ${job_id}) as changed`))
    if (z.array(z.object({ changed: z.boolean() })).parse(rows)[0]?.changed === true) requeued++
  }
  await oneByOne(missing, requeue, logger, 'a job that the line has lost could not be put back; it is tried again')
  return requeued
}

const counts = z.object({ kind: z.string(), state: z.string(), count: z.coerce.number(), oldest_ms: z.coerce.number() })

/** What is to be done, of all organisations, by kind and state; `oldest_ms` since the oldest of them was asked for. */
export const queueDepth = (database: Database) =>
  rowsOf(
    database,
    counts,
    sql`select j.kind, j.state, count(*)::integer as count,
        extract(epoch from now() - min(greatest(j.created_at, coalesce(j.run_at, j.created_at)))) * 1000 as oldest_ms
      from job_run j where j.state in ('waiting', 'queued', 'running', 'retrying') group by j.kind, j.state`,
  )

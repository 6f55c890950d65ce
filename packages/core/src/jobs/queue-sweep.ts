import { sql, type SQL } from 'drizzle-orm'
import { jobRunId, orgId, type Actor, type JobRunId, type OrgId } from '@quarry/contracts'
import type { Database } from '@quarry/db'
import type { Logger } from '@quarry/observability'
import { z } from 'zod'
import { oneByOne } from './one-by-one.ts'

/** One look; the next one finds the rest. */
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

const orphan = z
  .object({ org_id: orgId, id: jobRunId, kind: z.string(), payload: z.unknown(), worker: z.string(), attempt: z.int() })
  .transform(({ org_id, ...rest }): OrphanedJob => ({ orgId: org_id, ...rest }))

/** Jobs whose worker has left no sign for so long. `own` are the pools of who asks: none of them is dead. */
export const orphanedJobs = (database: Database, own: readonly string[], graceSeconds: number) =>
  rowsOf(
    database,
    orphan,
    sql`select j.org_id, j.id, j.kind, j.payload, j.worker, j.attempt from job_run j
      where j.state = 'running' and j.worker <> all (${sql.param(`{${own.join(',')}}`)}::text[])
        and j.updated_at < now() - ${graceSeconds} * interval '1 second'
        and not exists (select from worker_heartbeat h
          where h.pool_id = j.worker and h.seen_at > now() - ${graceSeconds} * interval '1 second')
      limit ${MOST}`,
  )

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

/**
 * Lets jobs into the line whose moment has come, or that were forgotten: two transactions that counted a window at the same
 * time may both have found it full. Returns how many.
 */
export const admitDueJobs = async (database: Database, logger: Logger): Promise<number> => {
  const organisations = await rowsOf(
    database,
    due,
    sql`select j.org_id, j.kind from job_run j where j.state in ('waiting', 'queued', 'running', 'retrying')
      group by j.org_id, j.kind
      having count(*) filter (where j.state in ('waiting', 'retrying') and coalesce(j.run_at, now()) <= now()) > 0
        and count(*) filter (where j.state in ('queued', 'running')) < queue_places(j.kind)
      limit ${MOST}`,
  )
  let admitted = 0
  const admit = async ({ org_id, kind }: z.infer<typeof due>): Promise<void> => {
    const rows = await database
      .tenant(systemOf(org_id))
      .tx((tx) => tx.execute(sql`select app_admit_jobs(${kind}) as admitted`))
    admitted += z.array(z.object({ admitted: z.int() })).parse(rows)[0]?.admitted ?? 0
  }
  await oneByOne(organisations, admit, logger, 'jobs whose turn it is could not be let in; it is tried again')
  return admitted
}

const queued = z.object({ org_id: orgId, id: jobRunId, job_id: z.string() })

/** Gives jobs another row in the line that have lost theirs: a backup that was put back has the jobs alone. Returns how many. */
export const requeueMissingJobs = async (database: Database, logger: Logger): Promise<number> => {
  const missing = await rowsOf(
    database,
    queued,
    sql`with settled as materialized (
        select j.org_id, j.id, j.job_id from job_run j
        where j.state = 'queued' and j.updated_at < now() - ${SETTLED_SECONDS} * interval '1 second' limit ${MOST})
      select s.org_id, s.id, s.job_id from settled s
      where s.id in (select queue_missing(array_agg(id), array_agg(job_id::bigint)) from settled)`,
  )
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

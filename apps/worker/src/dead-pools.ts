import { hostname } from 'node:os'
import type { Pool } from 'pg'
import { orgId } from '@quarry/contracts'
import { oneByOne, type OrphanedJob, type WorkerCore } from '@quarry/core/worker'
import { jobNamed, JOBS, type JobContext, type JobName } from '@quarry/jobs'
import type { Logger } from '@quarry/observability'
import type { Lane } from './lanes.ts'
import { repeat, type Repeated } from './repeat.ts'
import { LOST, type JobRunner } from './run-job.ts'

/**
 * graphile-worker keeps a dead worker's jobs locked for four hours. So each pool leaves a heartbeat, and whoever lives
 * frees the jobs of pools without one: after 30 + 10 s at the latest, and what they had taken and not begun after 40 + 10 s,
 * where 60 s are promised.
 */
const HEARTBEAT_MS = 5_000
const SWEEP_MS = 10_000
/** Six missed heartbeats: a database that hangs for some seconds makes nobody dead. */
const DEAD_AFTER_SECONDS = 30
/**
 * More than two heartbeats later the queue forgets who had its rows: by then the jobs that were begun have been freed, and
 * the death counts, which it would not if another worker took the row up before.
 */
const UNLOCK_LATER_SECONDS = 10
/**
 * Before a job runs again that so many workers have died in. The first death is almost always the worker's own trouble; a
 * job that kills each one may do so three times in ten minutes, and the other jobs of those workers get done in between.
 */
const CRASH_DELAYS_MS = [0, 5_000, 600_000, 600_000]

export interface DeadPools {
  /** Writes this pool's first heartbeat and looks for dead ones; then both again and again. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface DeadPoolsOptions {
  readonly queue: Pool
  readonly poolId: string
  readonly lane: Lane
  /** The same for all pools of this process. */
  readonly processId: string
  /** Every pool of this process: none of them is dead. */
  readonly ownPools: ReadonlySet<string>
  /** Whether this one looks for dead pools; one of a process is enough. */
  readonly looks: boolean
  readonly core: WorkerCore
  readonly runner: JobRunner
  readonly logger: Logger
}

export const watchDeadPools = (options: DeadPoolsOptions): DeadPools => {
  const { queue, poolId, lane, processId, ownPools, looks, core, runner, logger } = options
  const repeated: Repeated[] = []

  const beat = async () => {
    await queue.query(
      `insert into worker_heartbeat (pool_id, host, process_id, lane, places, kinds) values ($1, $2, $3, $4, $5, $6)
       on conflict (pool_id) do update set seen_at = now()`,
      [poolId, hostname(), processId, lane.name, lane.concurrency, lane.jobs],
    )
  }

  /** A job whose worker is dead runs again, or ends when that has happened too often. */
  const free = async (job: OrphanedJob) => {
    if (!isJobName(job.kind)) return
    const actor = { kind: 'system', id: null, orgId: job.orgId, role: 'owner' } satisfies JobContext['actor']
    const rules = { maxCrashes: jobNamed(job.kind).maxCrashes, delaysMs: CRASH_DELAYS_MS }
    const verdict = await core.jobs.lose(actor, job.id, job.worker, rules)
    if (verdict === null) return
    const fields = { job: job.kind, jobRunId: job.id, attempt: job.attempt, worker: job.worker }
    if (verdict === 'again') {
      logger.warn(fields, 'a job of a dead worker was freed')
      return
    }
    await runner.bury(job.kind, job.orgId, job.payload, 'lost')
    await core.jobs.end(actor, job, job.worker, { state: 'failed', ...LOST })
    logger.error(fields, 'a job has failed: its workers died in it again and again')
  }

  // One worker serves an embedded database: every pool of another process is a dead one, and nobody has to wait.
  const grace = core.embedded ? 0 : DEAD_AFTER_SECONDS

  const sweep = async () => {
    const orphaned = await core.jobs.orphaned([...ownPools], grace)
    await oneByOne(orphaned, free, logger, 'a job of a dead worker could not be freed; it is tried again')
    // What a worker had taken from the queue and not begun; named queues too.
    const { rows: dead } = await queue.query<{ pool: string }>(
      `select distinct l.locked_by as pool from (
         select locked_by, locked_at from graphile_worker._private_jobs
         union all select locked_by, locked_at from graphile_worker._private_job_queues) l
       where l.locked_by is not null and l.locked_by <> all ($1::text[]) and l.locked_at < now() - $2 * interval '1 second'
         and not exists (select from worker_heartbeat h where h.pool_id = l.locked_by and h.seen_at > now() - $2 * interval '1 second')`,
      [[...ownPools], grace + (core.embedded ? 0 : UNLOCK_LATER_SECONDS)],
    )
    if (dead.length > 0) {
      const pools = dead.map((row) => row.pool)
      await queue.query('select graphile_worker.force_unlock_workers($1::text[])', [pools])
      logger.warn({ pools }, 'jobs of dead workers were freed')
    }
    await queue.query(
      `delete from worker_heartbeat where pool_id <> all ($1::text[]) and seen_at < now() - interval '1 hour'`,
      [[...ownPools]],
    )
    await buryUnknown()
  }

  /** What a version before this one gave up, and what no version knows, is never fetched again. */
  const buryUnknown = async () => {
    const { rows } = await queue.query<{ id: string; name: string; payload: { orgId?: unknown } | null }>(
      `select j.id::text, t.identifier as name, j.payload
       from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
       where j.locked_at is null and t.identifier like '%.%' and (j.attempts >= j.max_attempts
         or (t.identifier <> all ($1::text[]) and j.created_at < now() - interval '1 hour'))
       limit 100`,
      [Object.keys(JOBS)],
    )
    const buryOne = async (row: (typeof rows)[number]) => {
      const owner = orgId.safeParse(row.payload?.orgId)
      if (isJobName(row.name) && owner.success) await runner.bury(row.name, owner.data, row.payload, 'failed')
      logger.error({ job: row.name, jobId: row.id }, 'a job that nobody takes was thrown away')
      await queue.query('select graphile_worker.complete_jobs(array[$1::bigint])', [row.id])
    }
    await oneByOne(rows, buryOne, logger, 'a job that nobody takes could not be thrown away; it is tried again')
  }

  return {
    start: async () => {
      repeated.push(repeat(beat, HEARTBEAT_MS, 'a heartbeat', logger))
      if (looks) repeated.push(repeat(sweep, SWEEP_MS, 'looking for dead workers', logger))
      await beat()
      if (looks) await sweep()
    },
    stop: async () => {
      await Promise.all(repeated.map((each) => each.stop()))
      await queue.query('delete from worker_heartbeat where pool_id = $1', [poolId]).catch(() => undefined)
    },
  }
}

const isJobName = (name: string): name is JobName => Object.hasOwn(JOBS, name)

import { hostname } from 'node:os'
import type { Pool } from 'pg'
import type { WorkerCore } from '@quarry/core/worker'
import { JOBS, type JobName } from '@quarry/jobs'
import type { Logger } from '@quarry/observability'
import type { JobRunner } from './run-job.ts'

/**
 * graphile-worker keeps a dead worker's jobs locked for four hours. So each pool leaves a heartbeat, and whoever lives
 * frees the jobs of pools without one: after 30 + 10 s at the latest, where 60 s are promised.
 */
const HEARTBEAT_MS = 5_000
const SWEEP_MS = 10_000
/** Six missed heartbeats: a database that hangs for some seconds makes nobody dead. */
const DEAD_AFTER_SECONDS = 30

export interface DeadPools {
  /** Writes this pool's first heartbeat and looks for dead ones; then both again and again. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface DeadPoolsOptions {
  readonly queue: Pool
  readonly poolId: string
  /** Every pool of this process: none of them is dead. */
  readonly ownPools: ReadonlySet<string>
  /** Whether this one looks for dead pools; one of a process is enough, and two would count a death twice. */
  readonly looks: boolean
  readonly core: WorkerCore
  readonly runner: JobRunner
  readonly logger: Logger
}

export const watchDeadPools = ({
  queue,
  poolId,
  ownPools,
  looks,
  core,
  runner,
  logger,
}: DeadPoolsOptions): DeadPools => {
  const timers: NodeJS.Timeout[] = []
  const running = new Set<Promise<void>>()
  let stopped = false

  const beat = async () => {
    await queue.query(
      `insert into worker_heartbeat (pool_id, host) values ($1, $2) on conflict (pool_id) do update set seen_at = now()`,
      [poolId, hostname()],
    )
  }

  const sweep = async () => {
    // One worker serves an embedded database: every pool of another process is a dead one, and nobody has to wait.
    const grace = core.embedded ? 0 : DEAD_AFTER_SECONDS
    const { rows: dead } = await queue.query<{ pool: string }>(
      `select distinct j.locked_by as pool from graphile_worker.jobs j
       where j.locked_by is not null and j.locked_by <> all ($1::text[]) and j.locked_at < now() - $2 * interval '1 second'
         and not exists (select from worker_heartbeat h where h.pool_id = j.locked_by and h.seen_at > now() - $2 * interval '1 second')`,
      [[...ownPools], grace],
    )
    if (dead.length > 0) {
      const pools = dead.map((row) => row.pool)
      // A worker's death, or its database's, is no fault of the job. What a job itself may break is bounded where it is
      // done: parsing happens in a child, and a version may be claimed only so often.
      await queue.query(
        'update graphile_worker._private_jobs set attempts = greatest(0, attempts - 1) where locked_by = any ($1::text[])',
        [pools],
      )
      await queue.query('select graphile_worker.force_unlock_workers($1::text[])', [pools])
      await core.recordLost(pools)
      logger.warn({ pools }, 'jobs of dead workers were freed')
    }
    await queue.query(
      `delete from worker_heartbeat where pool_id <> all ($1::text[]) and seen_at < now() - interval '1 hour'`,
      [[...ownPools]],
    )
    await bury()
  }

  /** A last attempt whose end could not be written is never fetched again: its row would look unfinished for ever. */
  const bury = async () => {
    const { rows } = await queue.query<{ id: string; name: string; payload: unknown; attempts: number; max: number }>(
      `select j.id::text, t.identifier as name, j.payload, j.attempts, j.max_attempts as max
       from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
       where j.attempts >= j.max_attempts and j.locked_at is null limit 100`,
    )
    for (const row of rows) {
      if (isJobName(row.name))
        await runner.bury(row.name, { id: row.id, attempts: row.attempts, maxAttempts: row.max, payload: row.payload })
      else logger.error({ job: row.name, jobId: row.id }, 'a job of a kind that nobody knows has failed')
      await queue.query('select graphile_worker.complete_jobs(array[$1::bigint])', [row.id])
    }
  }

  const repeat = (work: () => Promise<void>, everyMs: number, what: string) => {
    let busy = false
    const once = async () => {
      busy = true
      try {
        await work()
      } catch (err) {
        if (!stopped) logger.warn({ err }, `${what} failed; it is tried again`)
      }
      busy = false
    }
    timers.push(
      setInterval(() => {
        if (busy) return
        const run = once()
        running.add(run)
        void run.finally(() => running.delete(run))
      }, everyMs),
    )
  }

  return {
    start: async () => {
      repeat(beat, HEARTBEAT_MS, 'a heartbeat')
      if (looks) repeat(sweep, SWEEP_MS, 'looking for dead workers')
      await beat()
      if (looks) await sweep()
    },
    stop: async () => {
      stopped = true
      for (const timer of timers) clearInterval(timer)
      await Promise.all(running)
      await queue.query('delete from worker_heartbeat where pool_id = $1', [poolId]).catch(() => undefined)
    },
  }
}

const isJobName = (name: string): name is JobName => Object.hasOwn(JOBS, name)

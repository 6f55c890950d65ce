import { EventEmitter } from 'node:events'
import { hostname } from 'node:os'
import type { Pool } from 'pg'
import { run, type Runner, type WorkerEvents } from 'graphile-worker'
import type { Clock } from '@quarry/core/worker'
import type { Logger } from '@quarry/observability'
import { queueLogger } from './queue-log.ts'
import { CRON_ATTEMPTS, CRON_TASK, cronKey, crontabOf } from './schedule.ts'

export interface ClockOptions {
  readonly clock: Clock
  readonly queue: Pool
  /** No notification comes: it has to look. */
  readonly embedded: boolean
  readonly processId: string
  /** Every pool of this process: whoever looks for dead ones passes these over. */
  readonly ownPools: Set<string>
  readonly logger: Logger
}

export interface RunningClock {
  /** Settles when it takes up what is asked for. */
  readonly ready: Promise<void>
  /** Aborts what runs, and puts it back for another worker. */
  stop(): Promise<void>
}

/** Runners of the queue that the clock has beside those of the lanes. */
export const CLOCK_RUNNERS = 1
/**
 * A backup and a look through all stored bytes take long, and what repairs must not wait for both of them; no two of one
 * name run at the same time.
 */
const PLACES = 3
/** What an operator asks for is taken up within a second. */
const EMBEDDED_POLL_MS = 250
const POLL_MS = 2_000
const HEARTBEAT_MS = 5_000
const RESTART_MS = 1_000
/** Below the 5 s after which graphile-worker turns forceful. */
const ABORT_MS = 4_000

/** Ticks until it is stopped. The database may go away and come back: a runner that ends is followed by another one. */
export const startClock = ({ clock, queue, embedded, processId, ownPools, logger }: ClockOptions): RunningClock => {
  const shutdown = new AbortController()
  const { signal } = shutdown
  const stopRequested = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  let markReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (markReady = resolve))
  const stopped = new Set<string>()

  const startRunner = async (): Promise<{ runner: Runner; pool: string }> => {
    const events: WorkerEvents = new EventEmitter()
    let pool = ''
    events.once('pool:create', ({ workerPool }) => {
      pool = workerPool.id
      ownPools.add(pool)
    })
    const runner = await run({
      pgPool: queue,
      parsedCronItems: crontabOf(clock),
      taskList: {
        [CRON_TASK]: async (payload: unknown) => {
          const done = await clock.run(payload, pool, signal)
          if (done === null) logger.error({ payload }, 'the clock was asked for something that it does not do')
          else if (done.outcome === 'stopped') stopped.add(done.name)
        },
      },
      events,
      logger: queueLogger(logger),
      noHandleSignals: true,
      preset: {
        worker: {
          concurrentJobs: PLACES,
          pollInterval: embedded ? EMBEDDED_POLL_MS : POLL_MS,
          preparedStatements: !embedded,
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
          gracefulShutdownAbortTimeout: ABORT_MS,
        },
      },
    })
    return { runner, pool }
  }

  /** Others see by it that what this one is at goes on. */
  const beat = (pool: string): Promise<unknown> =>
    queue
      .query(
        `insert into worker_heartbeat (pool_id, host, process_id, lane, places) values ($1, $2, $3, 'clock', $4)
         on conflict (pool_id) do update set seen_at = now()`,
        [pool, hostname(), processId, PLACES],
      )
      .catch((err: unknown) => logger.debug({ err }, 'a heartbeat of the clock failed; it is tried again'))

  const serve = async (): Promise<void> => {
    const { runner, pool } = await startRunner()
    await beat(pool)
    const heart = setInterval(() => void beat(pool), HEARTBEAT_MS)
    try {
      await clock.noteSuccesses().catch((err: unknown) => logger.debug({ err }, 'the last successes could not be read'))
      markReady()
      await Promise.race([runner.promise, stopRequested])
      if (!signal.aborted) return
      await runner.stop()
      await putBack()
    } finally {
      clearInterval(heart)
      ownPools.delete(pool)
      await queue.query('delete from worker_heartbeat where pool_id = $1', [pool]).catch(() => undefined)
    }
  }

  /** What was cut short begins anew in another worker, or in this one after its restart. */
  const putBack = async (): Promise<void> => {
    for (const name of stopped)
      await queue.query(
        `select graphile_worker.add_job($1, json_build_object('name', $2::text), queue_name := $3, job_key := $3, max_attempts := $4)`,
        [CRON_TASK, name, cronKey(name), CRON_ATTEMPTS],
      )
  }

  const supervise = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await serve()
      } catch (err) {
        logger.warn(
          { err },
          signal.aborted ? 'the clock could not put back what it was at' : 'the clock has no queue; trying again',
        )
      }
      await Promise.race([pause(RESTART_MS), stopRequested])
    }
  }
  const supervised = supervise()
  return {
    ready,
    stop: async () => {
      shutdown.abort()
      await supervised
    },
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

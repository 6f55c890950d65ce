import { EventEmitter, once } from 'node:events'
import { run, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker'
import { AppError } from '@quarry/contracts'
import type { WorkerCore } from '@quarry/core/worker'
import type { JobHandlers } from '@quarry/jobs'
import type { Logger } from '@quarry/observability'
import { watchDeadPools, type DeadPools } from './dead-pools.ts'
import { lanesOf, type Lane } from './lanes.ts'
import { queueLogger } from './queue-log.ts'
import { createJobRunner } from './run-job.ts'
import { requeueStranded } from './stranded.ts'

export interface WorkerOptions {
  readonly core: WorkerCore
  readonly handlers: JobHandlers
  readonly logger: Logger
  /** Files that are read at the same time. */
  readonly concurrency: number
}

export interface Worker {
  /** Settles when the first runner takes jobs. */
  readonly ready: Promise<void>
  /** Aborts what runs, gives the jobs back to the queue, and ends within 8 s. */
  stop(): Promise<void>
}

/** The embedded database delivers no notification to other connections: a job waits for the next look. */
const EMBEDDED_POLL_MS = 250
/** With notifications the look is for jobs whose moment has come, and for lost notifications. */
const POLL_MS = 2_000
/** A runner gives up after ten failed looks; the next one starts after so long. */
const RESTART_MS = 1_000
/** Abort is at once, so this is for a handler that is slow to notice; below the 5 s after which graphile-worker turns forceful. */
const ABORT_MS = 4_000
const STOP_MS = 8_000
const MAINTENANCE_MS = 5 * 60_000

/**
 * Takes jobs from the queue until it is stopped. The database may go away and come back at any time: graphile-worker's
 * runner then ends, and another one is started in its place.
 */
export const startWorker = ({ core, handlers, logger, concurrency }: WorkerOptions): Worker => {
  const shutdown = new AbortController()
  const stopRequested = once(shutdown.signal, 'abort')
  const lanes = lanesOf(concurrency)
  core.start()
  const queue = core.openQueue()
  // A connection that breaks while nobody uses it: the next query opens another.
  queue.on('error', (err) => logger.debug({ err }, 'an idle connection of the queue was lost'))
  queue.on('connect', (client) => client.on('error', () => undefined))
  const jobs = createJobRunner(core, handlers, logger)
  const interrupted = new Set<string>()
  const ownPools = new Set<string>()

  const startRunner = async (lane: Lane): Promise<{ runner: Runner; pools: DeadPools; poolId: string }> => {
    const events: WorkerEvents = new EventEmitter()
    const created = new Promise<string>((resolve) =>
      events.once('pool:create', ({ workerPool }) => {
        ownPools.add(workerPool.id)
        resolve(workerPool.id)
      }),
    )
    let poolId = ''
    const tasks: TaskList = Object.fromEntries(
      lane.jobs.map((name) => [
        name,
        async (payload: unknown, { job }) => {
          const queued = { id: job.id, attempts: job.attempts, maxAttempts: job.max_attempts, payload }
          try {
            await jobs.run(name, queued, poolId, shutdown.signal)
          } catch (error) {
            if (shutdown.signal.aborted) interrupted.add(queued.id)
            throw error
          }
        },
      ]),
    )
    const runner = await run({
      pgPool: queue,
      taskList: tasks,
      events,
      logger: queueLogger(logger),
      noHandleSignals: true,
      // Nothing is scheduled by the clock yet; without this a crontab file in the working directory would be.
      crontab: '',
      preset: {
        worker: {
          concurrentJobs: lane.concurrency,
          pollInterval: core.embedded ? EMBEDDED_POLL_MS : POLL_MS,
          preparedStatements: !core.embedded,
          // With a delay the end of a job that finishes during shutdown is not written, and it runs again four hours later.
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
          gracefulShutdownAbortTimeout: ABORT_MS,
        },
      },
    })
    poolId = await created
    const pools = watchDeadPools({ queue, poolId, ownPools, looks: lane === lanes[0], core, runner: jobs, logger })
    await pools.start().catch((err: unknown) => logger.warn({ err }, 'dead workers could not be looked for yet'))
    return { runner, pools, poolId }
  }

  const serving = new Set<string>()
  let markReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (markReady = resolve))

  /** A shutdown is no fault of the job: the attempt does not count, and nobody waits for the back-off. */
  const giveBack = async () => {
    if (interrupted.size === 0) return
    await queue.query(
      `update graphile_worker._private_jobs set attempts = greatest(0, attempts - 1), run_at = now()
       where id = any ($1::bigint[]) and locked_at is null`,
      [[...interrupted]],
    )
  }

  /** One runner, from its start until it ends by itself or the worker is stopped. */
  const serve = async (lane: Lane) => {
    const { runner, pools, poolId } = await startRunner(lane)
    try {
      if (serving.add(lane.name).size === lanes.length) markReady()
      await Promise.race([runner.promise, stopRequested])
      if (!shutdown.signal.aborted) return
      await runner.stop()
      await giveBack()
    } finally {
      await pools.stop()
      ownPools.delete(poolId)
    }
  }
  const supervise = async (lane: Lane) => {
    while (!shutdown.signal.aborted) {
      try {
        await serve(lane)
      } catch (err) {
        if (shutdown.signal.aborted) logger.warn({ err }, 'not all jobs could be given back; another worker frees them')
        else logger.warn({ err }, 'the queue is not reachable; trying again')
      }
      await Promise.race([pause(RESTART_MS), stopRequested])
    }
  }
  const supervised = Promise.all(lanes.map(supervise))

  const backfill = () =>
    core
      .backfill()
      .catch((err: unknown) => logger.warn({ err }, 'the semantic index could not be completed yet; it is tried again'))
  const requeue = () =>
    requeueStranded(queue, core, logger).catch((err: unknown) =>
      logger.warn({ err }, 'files without a job could not be looked for; it is tried again'),
    )
  void ready.then(backfill)
  void ready.then(requeue)
  const maintenance = setInterval(() => {
    core.sweep().catch((err: unknown) => logger.warn({ err }, 'tidying up failed; it is tried again'))
    void backfill()
    void requeue()
  }, MAINTENANCE_MS)
  maintenance.unref()

  const stopNow = async () => {
    clearInterval(maintenance)
    shutdown.abort(new AppError('unavailable', { message: 'The worker is stopping.' }))
    await supervised
    await Promise.all([core.close(), queue.end()])
  }
  let stopping: Promise<unknown> | undefined
  return { ready, stop: async () => void (await (stopping ??= Promise.race([stopNow(), pause(STOP_MS)]))) }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

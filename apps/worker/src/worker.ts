import { EventEmitter, once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { run, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker'
import { AppError } from '@quarry/contracts'
import type { WorkerCore } from '@quarry/core/worker'
import type { JobHandlers } from '@quarry/jobs'
import { type Logger, type Metrics } from '@quarry/observability'
import { startClock } from './cron.ts'
import { createBulkGate } from './bulk-gate.ts'
import { watchCancellations } from './cancellations.ts'
import { watchDeadPools, type DeadPools } from './dead-pools.ts'
import { lanesOf, type Lane } from './lanes.ts'
import { watchPauses } from './pauses.ts'
import { queueLogger } from './queue-log.ts'
import { startUpkeep } from './queue-upkeep.ts'
import { createJobRunner } from './run-job.ts'

export interface WorkerOptions {
  readonly core: WorkerCore
  readonly handlers: JobHandlers
  readonly logger: Logger
  /** Files that are read at the same time. */
  readonly concurrency: number
  /** Counts of this process; its own when left out. */
  readonly metrics?: Metrics
}

export interface Worker {
  /** Settles when the first runner takes jobs. */
  readonly ready: Promise<void>
  /** Waits for what ends soon, gives the other jobs back to the queue, and ends within 9 s. */
  stop(): Promise<void>
}

/** The embedded database delivers no notification to other connections: a job waits for the next look. */
const EMBEDDED_POLL_MS = 250
/** With notifications the look is for jobs whose moment has come, and for lost notifications. */
const POLL_MS = 2_000
/** A runner gives up after ten failed looks; the next one starts after so long. */
const RESTART_MS = 1_000
/** A small file is done by then; whoever started this process may kill it after 10 s. */
const FINISH_MS = 4_000
/** Jobs have our own signal, which comes before graphile-worker's. */
const ABORT_MS = FINISH_MS + 2_000
const STOP_MS = 9_000

/**
 * Takes jobs from the queue until it is stopped. The database may go away and come back at any time: graphile-worker's
 * runner then ends, and another one is started in its place.
 */
export const startWorker = ({ core, handlers, logger, concurrency, metrics = core.metrics }: WorkerOptions): Worker => {
  /** From now on no job is taken. */
  const leaving = new AbortController()
  const stopRequested = once(leaving.signal, 'abort')
  /** From now on no job goes on. */
  const shutdown = new AbortController()
  const processId = randomUUID()
  const lanes = lanesOf(concurrency)
  core.start()
  const queue = core.openQueue()
  // A connection that breaks while nobody uses it: the next query opens another.
  queue.on('error', (err) => logger.debug({ err }, 'an idle connection of the queue was lost'))
  queue.on('connect', (client) => client.on('error', () => undefined))
  const ownPools = new Set<string>()
  const cancellations = watchCancellations(() => core.jobs.cancelled([...ownPools]), logger)
  const pauses = watchPauses(queue, logger)
  const upkeep = startUpkeep(core, metrics, logger)
  const clock = startClock({ clock: core.clock, queue, embedded: core.embedded, processId, ownPools, logger })
  const jobs = createJobRunner({ core, handlers, logger, metrics, cancellations })

  const startRunner = async (lane: Lane): Promise<{ runner: Runner; pools: DeadPools; poolId: string }> => {
    const events: WorkerEvents = new EventEmitter()
    const created = new Promise<string>((resolve) =>
      events.once('pool:create', ({ workerPool }) => {
        ownPools.add(workerPool.id)
        resolve(workerPool.id)
      }),
    )
    const gate = createBulkGate(events, lane.bulk, pauses.flags)
    const tasks: TaskList = Object.fromEntries(
      lane.jobs.map((name) => [
        name,
        async (payload: unknown, { job }) => {
          await jobs.run(name, { id: job.id, payload }, await created, shutdown.signal)
        },
      ]),
    )
    const runner = await run({
      pgPool: queue,
      taskList: tasks,
      events,
      logger: queueLogger(logger),
      noHandleSignals: true,
      forbiddenFlags: gate.forbidden,
      // The clock has a runner of its own; without this a crontab file in the working directory would count.
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
    const poolId = await created
    const looks = lane === lanes[0]
    const pools = watchDeadPools({ queue, poolId, lane, processId, ownPools, looks, core, runner: jobs, logger })
    await pools.start().catch((err: unknown) => logger.warn({ err }, 'dead workers could not be looked for yet'))
    return { runner, pools, poolId }
  }

  const serving = new Set<string>()
  let markReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (markReady = resolve))

  /** One runner, from its start until it ends by itself or the worker is stopped. */
  const serve = async (lane: Lane) => {
    const { runner, pools, poolId } = await startRunner(lane)
    try {
      if (serving.add(lane.name).size === lanes.length) markReady()
      await Promise.race([runner.promise, stopRequested])
      if (!leaving.signal.aborted) return
      await runner.stop()
    } finally {
      await pools.stop()
      ownPools.delete(poolId)
    }
  }
  const supervise = async (lane: Lane) => {
    while (!leaving.signal.aborted) {
      try {
        await serve(lane)
      } catch (err) {
        if (leaving.signal.aborted) logger.warn({ err }, 'not all jobs could be given back; another worker frees them')
        else logger.warn({ err }, 'the queue is not reachable; trying again')
      }
      await Promise.race([pause(RESTART_MS), stopRequested])
    }
  }
  const supervised = pauses.start().then(() => Promise.all(lanes.map(supervise)))

  const backfill = () =>
    core
      .backfill()
      .catch((err: unknown) => logger.warn({ err }, 'the semantic index could not be completed yet; it is tried again'))
  // The clock does so each minute.
  void ready.then(backfill)

  const stopNow = async () => {
    leaving.abort()
    const stopped = clock.stop()
    const finish = setTimeout(
      () => shutdown.abort(new AppError('unavailable', { message: 'The worker is stopping.' })),
      FINISH_MS,
    )
    await Promise.all([supervised, stopped])
    clearTimeout(finish)
    cancellations.stop()
    await Promise.all([upkeep.stop(), pauses.stop()])
    await Promise.all([core.close(), queue.end()])
  }
  let stopping: Promise<unknown> | undefined
  return { ready, stop: async () => void (await (stopping ??= Promise.race([stopNow(), pause(STOP_MS)]))) }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

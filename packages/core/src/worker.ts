import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { openBlobStore } from '@quarry/blobs'
import type { Adapters, Limits } from '@quarry/config'
import type { Actor, Health, VersionId } from '@quarry/contracts'
import { applicationName, openDatabase, openQueuePool, splitConnections, type StatementWatcher } from '@quarry/db'
import type { JobClaim, JobEnd } from '@quarry/jobs'
import { createMetrics, type Logger, type Metrics } from '@quarry/observability'
import { abandonProcessing, createChatModel, createParserPool, findLanguages, processVersion } from '@quarry/rag'
import { createClock, type Clock } from './cron/clock.ts'
import { openRedis } from './cache/open-redis.ts'
import { openTelling } from './cache/process-cache.ts'
import { createHealthCheck } from './health/check.ts'
import { requireUnfailed } from './documents/require-unfailed.ts'
import { createSemanticIndex } from './documents/semantic-index.ts'
import { createWorkerJobs, type WorkerJobs } from './jobs/worker-jobs.ts'
import { databaseObserver, watchResources } from './observe/watch-resources.ts'
import { timeStages } from './observe/timed-stages.ts'
import { countWorkersAlive } from './observe/workers-alive.ts'
import { startReporting, type ReportingProcess } from './processes/report.ts'
import { createTurns } from './documents/turns.ts'

export type { Clock } from './cron/clock.ts'

export type { JobOutcome, StartedJob } from './jobs/recording.ts'
export { oneByOne } from './jobs/one-by-one.ts'
export type { OrphanedJob } from './jobs/queue-sweep.ts'

export interface WorkerCoreEnv {
  readonly adapters: Adapters
  readonly limits: Limits
  readonly logger: Logger
  /** How many runners take jobs from the queue: each listens on a connection of its own. */
  readonly queueRunners: number
  /** As whom this process reports what it does; left out: it does not. */
  readonly reportsAs?: ReportingProcess | null
  /** For tests and benchmarks. */
  readonly watch?: StatementWatcher
}

/** For which job a document is read. */
export interface DocumentWork {
  /** Nothing is written any more once another worker has it. */
  readonly claim: JobClaim | null
  /** It lets files go first that somebody waits for. */
  readonly bulk: boolean
  readonly report: (stage: string, progress: number) => void
}

/** What a worker is made of, below the queue. */
export interface WorkerCore {
  /** From now on web servers are told at once what jobs have changed, and the installation what this process does. */
  start(): void
  /** The connections of graphile-worker: its part of what this process may open. Whoever takes them ends them. */
  openQueue(): Pool
  /** Whether the queue has a server of its own kind: without one there is a single worker, and no notification reaches it. */
  readonly embedded: boolean
  /** Makes an uploaded version searchable or failed: then `JobFailure` with the reason. See processVersion in @quarry/rag for its errors. */
  processDocument(actor: Actor, versionId: VersionId, signal: AbortSignal, work?: DocumentWork): Promise<void>
  /** Fails a version that no worker takes up again. */
  abandonDocument(actor: Actor, versionId: VersionId, signal: AbortSignal, end?: JobEnd): Promise<void>
  /** Makes the semantic index of a live version; see embedVersion in @quarry/rag for its errors. */
  embedDocument(actor: Actor, versionId: VersionId, signal: AbortSignal): Promise<void>
  /** The embedding of a version is not tried again by itself. */
  abandonEmbedding(actor: Actor, versionId: VersionId, end: JobEnd): Promise<void>
  /** Puts documents without a semantic index of the configured model into the queue. For the start, and every few minutes. */
  backfill(): Promise<number>
  /** What is done by the clock. */
  readonly clock: Clock
  health(): Promise<Health>
  /** What this process counts. */
  readonly metrics: Metrics
  /** Jobs' rows: what a worker takes up, does and ends, and what it sees to for the others. */
  readonly jobs: WorkerJobs
  /** Kills the parser processes and closes the database. Safe to call twice. */
  close(): Promise<void>
}

/** Files beside those of a heap, so that somebody's one file does not wait for one of thousands to end. */
export const QUICK_PLACES = 1
const UNASKED: DocumentWork = { claim: null, bulk: false, report: () => undefined }

/** The composition root of a worker process. Opens nothing yet. @throws AppConfigError when a language has no data, or the pool is too small. */
export const createWorkerCore = ({
  adapters,
  limits,
  logger,
  queueRunners,
  watch,
  reportsAs = null,
}: WorkerCoreEnv): WorkerCore => {
  const connections = splitConnections(adapters.databasePool, queueRunners)
  const metrics = createMetrics()
  const database = openDatabase(adapters.database, {
    pool: connections.database,
    applicationName: applicationName('quarry-worker'),
    observer: databaseObserver(metrics),
    ...(watch && { watch }),
  })
  const redis = openRedis(adapters, logger, metrics)
  watchResources(metrics, database, redis)
  countWorkersAlive(metrics, database)
  const telling = openTelling(database, redis, logger)
  const blobs = openBlobStore(adapters.blobs)
  const parser = createParserPool({
    limits: {
      memoryMb: limits.parse.memoryMb,
      timeoutMs: limits.parse.timeoutSeconds * 1000,
      ocr: limits.ocr && {
        languages: findLanguages(limits.ocr.languages, limits.ocr.languageFolder),
        pageMs: limits.ocr.timeoutSeconds * 1000,
        maxPages: limits.ocr.maxPages,
      },
    },
    // One more than files of a heap: what somebody waits for finds a child of its own.
    processes: limits.parse.processes + QUICK_PLACES,
    folder: join(adapters.dataDir, 'parse'),
  })
  const turns = createTurns()
  let reading = 0
  const semantic = createSemanticIndex({ database, adapters, logger, isReading: () => reading > 0 })
  const shutdown = new AbortController()
  let closing: Promise<unknown> | undefined
  const close = async () => {
    shutdown.abort()
    await telling.close()
    await Promise.all([parser.close(), semantic.close(), database.close(), redis?.close()])
  }
  return {
    start: () => {
      telling.start()
      if (reportsAs === null) return
      const processId = `worker-${process.pid}-${randomUUID()}`
      startReporting(reportsAs, { ...{ database, metrics, logger, processId, build: '' }, stopped: shutdown.signal })
    },
    openQueue: () =>
      openQueuePool(adapters.database, {
        max: connections.queue,
        maxLifetimeSeconds: adapters.databasePool.maxLifetimeSeconds,
        applicationName: applicationName('quarry-queue'),
      }),
    embedded: adapters.database.kind === 'embedded',
    processDocument: async (actor, versionId, signal, work = UNASKED) => {
      reading++
      const stages = timeStages(metrics, work.report)
      const turn = turns.enter(work.bulk)
      try {
        // Taking it up is its first step.
        await turn.mine(signal)
        const deps = { blobs, parser, logger, published: semantic.published }
        const outcome = await processVersion(deps, database.tenant(actor), versionId, signal, {
          job: work.claim,
          background: work.bulk,
          report: stages.report,
          turn: turn.mine,
        })
        // Also where an earlier attempt was stopped after it had failed the version, and before that was written here.
        if (outcome !== 'searchable') await requireUnfailed(database.tenant(actor), versionId)
      } finally {
        stages.end()
        turn.leave()
        reading--
      }
    },
    abandonDocument: (actor, versionId, signal, end = 'failed') =>
      abandonProcessing(database.tenant(actor), versionId, signal, end === 'cancelled' ? 'cancelled' : 'crashed'),
    embedDocument: async (actor, versionId, signal) => {
      const stages = timeStages(metrics, () => undefined)
      stages.report('embedding', 0)
      try {
        await semantic.embed(actor, versionId, signal)
      } finally {
        stages.end()
      }
    },
    abandonEmbedding: semantic.abandon,
    backfill: semantic.backfill,
    clock: createClock({
      ...{ database, blobs, redis, adapters, logger, metrics },
      backfill: semantic.backfill,
      model: createChatModel(adapters.llm).id,
    }),
    metrics,
    health: createHealthCheck({ database, blobs, redis, adapters, logger, shutdown: shutdown.signal }),
    jobs: createWorkerJobs(database, logger),
    close: async () => {
      closing ??= close()
      await closing
    },
  }
}

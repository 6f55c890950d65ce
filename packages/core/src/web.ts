import { randomUUID } from 'node:crypto'
import { openBlobStore } from '@quarry/blobs'
import { createFlags, createPolledSignals, createRateLimiter, openRunLog } from '@quarry/cache'
import type { Adapters, Limits, Observability } from '@quarry/config'
import { AppError, userId as userIdSchema, type Health } from '@quarry/contracts'
import {
  applicationName,
  authSchema,
  latestSignalId,
  openDatabase,
  readInstallation,
  readSignals,
  type Database,
  type StatementWatcher,
} from '@quarry/db'
import { createMetrics, type Logger } from '@quarry/observability'
import { createChatModel, createEmbeddingModel, createQueryEmbedder } from '@quarry/rag/answering'
import { ensureWorkspace } from './accounts/create-workspace.ts'
import { findMember, type FoundMember } from './accounts/find-actor.ts'
import { findUser, hasUsers } from './accounts/find-user.ts'
import { recordSession } from './accounts/record-session.ts'
import { openRedis } from './cache/open-redis.ts'
import { openProcessCache } from './cache/process-cache.ts'
import type { Credentials } from './cache/credentials.ts'
import { drainLiveRuns } from './chat/live-runs.ts'
import { createRunSweep } from './chat/run-sweep.ts'
import type { CoreDeps } from './context.ts'
import { sweepDeletedConversations } from './conversations/sweep-deleted.ts'
import { logChanges } from './flags/log-changes.ts'
import { createHealthCheck } from './health/check.ts'
import { joinByInvitation } from './invitations/accept.ts'
import { requireInvitation } from './invitations/find-open.ts'
import { countedLimiter } from './observe/counted-limiter.ts'
import { databaseObserver, watchResources } from './observe/watch-resources.ts'
import { countWorkersAlive } from './observe/workers-alive.ts'
import { beOnlyWebProcess } from './only-web-process.ts'
import { startReporting, type ReportingProcess } from './processes/report.ts'
import { repeat } from './repeat.ts'

export * from './index.ts'
export { KEY_PREFIX } from './accounts/key-secret.ts'
export { sweepIdempotencyKeys } from './chat/sweep-keys.ts'
export { sweepDeletedConversations } from './conversations/sweep-deleted.ts'
export { sweepUploads } from './documents/sweep-uploads.ts'
export { KEY_CONFIG_ID } from './keys/key-row.ts'

/** How often answers are looked for that nobody writes: a reader waits this long, and for the lease of a dead process. */
const SWEEP_INTERVAL_MS = 1000
/** What was deleted is gone for good a minute after it can no longer be restored, at the latest. */
const DELETED_INTERVAL_MS = 60_000
export interface WebCoreEnv {
  readonly adapters: Adapters
  readonly limits: Limits
  readonly logger: Logger
  /** Names the code that runs, so that no answer of another release is shared. */
  readonly build?: string
  /** What a million tokens cost; tokens alone are counted without. */
  readonly tokenPrices?: Observability['tokenPrices']
  /** As whom this process reports what it does; left out: it does not. */
  readonly reportsAs?: ReportingProcess | null
  /** For tests and benchmarks. */
  readonly watch?: StatementWatcher
}

interface SessionRow {
  readonly userId: string
  readonly activeOrganizationId?: string | null | undefined
}

/** What the web server is made of, below HTTP. */
export interface WebCore {
  /** Names the code that runs. */
  readonly build: string
  readonly deps: CoreDeps
  /** For better-auth's Drizzle adapter. */
  readonly auth: { readonly database: Database['auth']; readonly schema: typeof authSchema }
  /**
   * Makes sure that no other web process serves this database, where several could not know of each other. To be called
   * before `start`. Throws SecondWebProcess, and hands it to `onLost` when another took over later.
   */
  standAlone(onLost: (reason: Error) => void): Promise<void>
  /** Goes on with what a dead process left behind, then keeps looking. To be called once, before the first request. */
  start(): Promise<void>
  /** Looks for answers that nobody writes and goes on with them, as it is done every second. Returns how many. */
  readonly lookForRuns: () => Promise<number>
  health(): Promise<Health>
  /**
   * Gives answers away (each keeps what it has, and another process goes on) and tells readers of streams to come back
   * elsewhere; other calls go on. Safe to call twice.
   */
  giveAway(): Promise<void>
  /** The same, and closes everything. Safe to call twice. */
  close(): Promise<void>
  findMember(session: { userId: string; activeOrganizationId: string | null }): Promise<FoundMember>
  /** Whom a session or a key stands for. */
  readonly credentials: Credentials
  ensureWorkspace(person: { userId: string; workspaceName: string }): Promise<string>
  /** Throws AppError('not_found') unless the link can be used, ('forbidden') for another address than the one invited. */
  requireInvitation(invited: { token: string; email: string }): Promise<void>
  /** The organisation that the person now belongs to. Throws as `requireInvitation`. */
  joinByInvitation(joining: { userId: string; token: string }): Promise<string>
  /** Whether anybody has signed up yet. */
  hasUsers(): Promise<boolean>
  /** The id of the person with this address. */
  findUser(email: string): Promise<string | null>
  recordSession(session: SessionRow, action: 'session.create' | 'session.delete'): Promise<void>
}

/** The composition root of a web process. Opens nothing yet: connections are made when they are needed. */
export const createWebCore = ({
  adapters,
  limits,
  logger,
  watch,
  build = '',
  tokenPrices = null,
  reportsAs = null,
}: WebCoreEnv): WebCore => {
  const metrics = createMetrics()
  const database = openDatabase(adapters.database, {
    pool: adapters.databasePool,
    applicationName: applicationName('quarry-web'),
    observer: databaseObserver(metrics),
    ...(watch && { watch }),
  })
  const redis = openRedis(adapters, logger, metrics)
  watchResources(metrics, database, redis)
  countWorkersAlive(metrics, database)
  const shutdown = new AbortController()
  const polledSignals = createPolledSignals(
    {
      latestId: () => database.system((tx) => latestSignalId(tx)),
      readAfter: (afterId, limit) => database.system((tx) => readSignals(tx, afterId, limit)),
    },
    { onError: (err) => logger.warn({ err }, 'signals could not be read') },
  )
  const flags = createFlags(() => database.system((tx) => readInstallation(tx)), {
    onRead: (now, before) => logChanges(logger, now, before),
    onError: (err) => logger.warn({ err }, 'flags and limits could not be read: what was known last counts'),
  })
  const runLog = openRunLog(redis, adapters.redis, {
    onError: (err) => logger.warn({ err }, 'Redis refuses events of answers: their readers get them from the database'),
  })
  const embeddingModel = createEmbeddingModel(adapters.embedding)
  const chatModel = createChatModel(adapters.llm)
  const cache = openProcessCache({
    adapters,
    limits,
    database,
    redis,
    flags,
    signals: polledSignals,
    chatModel,
    build,
    logger,
    metrics,
  })
  const deps: CoreDeps = {
    database,
    redis,
    blobs: openBlobStore(adapters.blobs),
    runLog,
    signals: cache.signals,
    flags,
    kept: cache.kept,
    wrote: cache.wrote,
    isOperator: (userId) => cache.credentials.operator(userId),
    rateLimiter: countedLimiter(
      createRateLimiter({
        link: redis,
        replicas: adapters.replicas.web,
        onError: (err) => logger.warn({ err }, 'Redis does not count calls: this process counts its share'),
      }),
      metrics,
    ),
    chatModel,
    embedder:
      embeddingModel &&
      createQueryEmbedder(embeddingModel, (err) => logger.debug({ err }, 'a search went by words alone')),
    adapters,
    limits,
    logger,
    metrics,
    tokenPrices,
    processId: `web-${process.pid}-${randomUUID()}`,
    reportsAs,
    shutdown: shutdown.signal,
  }
  // With the embedded database there is one web process, so whoever is not this one is dead.
  const lookForRuns = createRunSweep(deps, { alone: adapters.database.kind === 'embedded' })
  const health = createHealthCheck(deps)
  let stopSweeping = (): Promise<void> => Promise.resolve()
  let giveWay = async (ending: Promise<unknown>): Promise<void> => void (await ending)
  let givingAway: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const giveAway = async (): Promise<void> => {
    shutdown.abort(new AppError('unavailable'))
    // No answer is taken up any more, or this process would take up its own.
    await giveWay(stopSweeping().then(() => drainLiveRuns(deps.processId)))
  }
  const close = async (): Promise<void> => {
    await (givingAway ??= giveAway())
    // Of calls that were under way.
    await drainLiveRuns(deps.processId)
    await runLog.close()
    flags.close()
    await Promise.all([cache.close(), embeddingModel?.close()])
    await Promise.all([database.close(), redis?.close()])
  }

  return {
    build,
    deps,
    auth: { database: database.auth, schema: authSchema },
    standAlone: async (onLost) => {
      // Redis is where several meet, and the embedded database has a lock of its own on its files.
      if (adapters.redis !== null || adapters.database.kind === 'embedded') return
      giveWay = await beOnlyWebProcess({ database, processId: deps.processId, logger, onLost })
    },
    start: async () => {
      cache.start()
      await lookForRuns().catch((err: unknown) => logger.warn({ err }, 'unfinished answers could not be looked at yet'))
      const sweeps = [
        repeat('the sweep of unfinished answers', SWEEP_INTERVAL_MS, logger, lookForRuns),
        repeat('the sweep of deleted conversations', DELETED_INTERVAL_MS, logger, () =>
          sweepDeletedConversations(deps),
        ),
      ]
      if (reportsAs !== null)
        startReporting(reportsAs, {
          ...{ database, metrics, logger, build },
          processId: deps.processId,
          stopped: deps.shutdown,
        })
      stopSweeping = async () => {
        await Promise.all(sweeps.map((stop) => stop()))
      }
    },
    lookForRuns,
    health,
    giveAway: () => (givingAway ??= giveAway()),
    close: () => (closing ??= close()),
    findMember: (session) => findMember(deps, session),
    credentials: cache.credentials,
    ensureWorkspace: (person) => ensureWorkspace(deps, { ...person, requestId: randomUUID() }),
    requireInvitation: ({ token, email }) => requireInvitation(deps, token, email),
    joinByInvitation: ({ userId, token }) =>
      joinByInvitation(deps, { userId: userIdSchema.parse(userId), token, requestId: randomUUID() }),
    hasUsers: () => hasUsers(deps),
    findUser: (email) => findUser(deps, email),
    recordSession: async ({ userId, activeOrganizationId }, action) => {
      const { actor } = await findMember(deps, { userId, activeOrganizationId: activeOrganizationId ?? null })
      if (actor) await recordSession(deps, actor, action, randomUUID())
    },
  }
}

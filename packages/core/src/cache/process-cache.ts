import {
  createCachedReads,
  type CachedReads,
  type CountRead,
  type Flags,
  type RedisLink,
  type Signals,
} from '@quarry/cache'
import type { Adapters, Limits } from '@quarry/config'
import type { Database } from '@quarry/db'
import { notes, withRequestContext, type Logger, type Metrics } from '@quarry/observability'
import type { CoreDeps } from '../context.ts'
import { createCredentials, type Credentials } from './credentials.ts'
import { createDrain, type Drain } from './drain.ts'
import { heedSignals } from './heeded-signals.ts'
import { createKeptAnswers, editionOf, type KeptAnswers } from './kept-answers.ts'

export interface ProcessCacheEnv {
  readonly adapters: Adapters
  readonly limits: Limits
  readonly database: Database
  readonly redis: RedisLink | null
  readonly flags: Flags
  /** As they come, before anybody hears them. */
  readonly signals: Signals
  readonly chatModel: CoreDeps['chatModel']
  /** Names the code that runs: processes with another name share no answers with this one. */
  readonly build: string
  readonly logger: Logger
  /** Counts how each read went. */
  readonly metrics: Metrics
}

/** What a web process keeps of its reads, and what keeps it true. */
export interface ProcessCache {
  readonly kept: KeptAnswers
  readonly credentials: Credentials
  readonly wrote: CoreDeps['wrote']
  /** What is changed is looked at again before anybody hears of it. */
  readonly signals: Signals
  start(): void
  close(): Promise<void>
}

/** Opens nothing yet. */
export const openProcessCache = (env: ProcessCacheEnv): ProcessCache => {
  const { adapters, limits, database, redis, flags, logger, chatModel } = env
  const reads = openReads(database, redis, countedReads(env.metrics))
  const drain = openDrain(database, redis, reads, logger)
  const signals = heedSignals(env.signals, reads)
  const edition = editionOf({
    build: env.build,
    // What finds, and with which weight; its key is nobody's business.
    embedding: { ...adapters.embedding, apiKey: null },
    model: { id: chatModel.id, builtIn: chatModel.builtIn },
    uploadMaxBytes: limits.uploadMaxBytes,
  })
  return {
    kept: createKeptAnswers({ cache: reads, database: ofNobody(database), flags, limits, edition, heed: signals.heed }),
    credentials: createCredentials({ cache: reads, database, flags, limits, logger, heed: signals.heed }),
    wrote: drain.wrote,
    signals,
    start: drain.start,
    close: async () => {
      await Promise.all([drain.stop(), signals.close()])
      await reads.close()
    },
  }
}

/** A process that reads nothing from it tells the others all the same. */
export const openTelling = (
  database: Database,
  redis: RedisLink | null,
  logger: Logger,
): Drain & { close(): Promise<void> } => {
  const reads = openReads(database, redis)
  const drain = openDrain(database, redis, reads, logger)
  return {
    ...drain,
    close: async () => {
      await drain.stop()
      await reads.close()
    },
  }
}

/** Counts how reads go, and notes it for the request. */
const countedReads =
  (metrics: Metrics): CountRead =>
  (question, outcome) => {
    metrics.cachedReads.inc({ question, outcome })
    const cache = notes()?.cache
    if (cache) cache[outcome] = (cache[outcome] ?? 0) + 1
  }

const openReads = (database: Database, redis: RedisLink | null, count?: CountRead): CachedReads =>
  createCachedReads({ link: redis, ...(count && { count }), readVersions: ofNobody(database).versions })

const openDrain = (database: Database, redis: RedisLink | null, cache: CachedReads, logger: Logger): Drain =>
  createDrain({ database: ofNobody(database), cache, redis, logger })

/** What is done for several callers at once is no part of the request that happened to begin it. */
const ofNobody = (database: Database): Pick<Database, 'versions' | 'system' | 'tenant'> => {
  const apart = <T>(work: () => T): T => withRequestContext({ requestId: 'cache' }, work)
  return {
    versions: (subjectIds) => apart(() => database.versions(subjectIds)),
    system: (fn, options) => apart(() => database.system(fn, options)),
    tenant: (actor) => ({ actor, tx: (fn, options) => apart(() => database.tenant(actor).tx(fn, options)) }),
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { Adapters } from '@quarry/config'
import type { Actor, VersionId } from '@quarry/contracts'
import type { Database } from '@quarry/db'
import { documentEmbed, enqueue, type JobEnd } from '@quarry/jobs'
import type { Logger } from '@quarry/observability'
import {
  awaitEmbedding,
  createEmbeddingModel,
  embedVersion,
  endEmbedding,
  forgetEmbedding,
  unembeddedVersions,
  type EmbeddingModel,
  type IngestDeps,
} from '@quarry/rag'

/** Versions that one look puts into the queue; the next one, minutes later, finds the rest. */
const BACKFILL = 1000
/** While files are being read the model rests, for so long between two batches: it goes on slowly, and never stops. */
const MOST_REST_MS = 3_000
const REST_STEP_MS = 50

/** How versions get their semantic index. Without a model nothing happens in any of it. */
export interface SemanticIndex {
  /** For the transaction in which a version becomes the live one. */
  readonly published: NonNullable<IngestDeps['published']>
  readonly embed: (actor: Actor, versionId: VersionId, signal: AbortSignal) => Promise<void>
  /**
   * The job is not tried again. One that failed comes back with one of the next backfills; one that somebody cancelled, or
   * that took its workers along, does not: it would for ever.
   */
  readonly abandon: (actor: Actor, versionId: VersionId, end: JobEnd) => Promise<void>
  /** Puts live versions without an index of the configured model into the queue; says how many. @throws when the model is away. */
  readonly backfill: () => Promise<number>
  close(): Promise<void>
}

export interface SemanticIndexEnv {
  readonly database: Database
  readonly adapters: Adapters
  readonly logger: Logger
  /** Whether files are being read in this process right now. */
  readonly isReading: () => boolean
}

export const createSemanticIndex = ({ database, adapters, logger, isReading }: SemanticIndexEnv): SemanticIndex => {
  const model = createEmbeddingModel(adapters.embedding)
  if (model === null) return OFF
  /** null until an endpoint has told the dimension. */
  let modelId: string | null = null
  const identify = async (signal: AbortSignal): Promise<string> => (modelId ??= (await model.identity({ signal })).id)

  const yieldToReading = async (signal: AbortSignal) => {
    for (let rested = 0; isReading() && rested < MOST_REST_MS; rested += REST_STEP_MS)
      await delay(REST_STEP_MS, undefined, { signal })
  }

  return {
    published: async (tx, orgId, versionId, language) => {
      if (await awaitEmbedding(tx, orgId, versionId, language, model, modelId))
        await enqueue(tx, documentEmbed, { versionId }, { key: keyOf(versionId) })
    },
    embed: async (actor, versionId, signal) => {
      await identify(signal)
      await embedVersion({ model, yieldToReading }, database.tenant(actor), versionId, signal)
    },
    abandon: (actor, versionId, end) =>
      database
        .tenant(actor)
        .tx((tx) =>
          end === 'failed'
            ? forgetEmbedding(tx, actor.orgId, versionId)
            : endEmbedding(tx, actor.orgId, versionId, modelId),
        ),
    backfill: () => backfill(database, model, identify, logger),
    close: () => model.close(),
  }
}

const OFF: SemanticIndex = {
  published: () => Promise.resolve(),
  embed: () => Promise.resolve(),
  abandon: () => Promise.resolve(),
  backfill: () => Promise.resolve(0),
  close: () => Promise.resolve(),
}

const backfill = async (
  database: Database,
  model: EmbeddingModel,
  identify: (signal: AbortSignal) => Promise<string>,
  logger: Logger,
): Promise<number> => {
  const signal = AbortSignal.timeout(IDENTIFY_TIMEOUT_MS)
  const modelId = await identify(signal)
  const versions = await unembeddedVersions(database, modelId, BACKFILL)
  for (const { orgId, versionId, language } of versions)
    await database.tenant({ kind: 'system', id: null, orgId, role: 'owner' }).tx(async (tx) => {
      if (await awaitEmbedding(tx, orgId, versionId, language, model, modelId))
        await enqueue(tx, documentEmbed, { versionId }, { key: keyOf(versionId) })
    })
  if (versions.length > 0)
    logger.info({ versions: versions.length, modelId }, 'documents wait for their semantic index')
  return versions.length
}

const IDENTIFY_TIMEOUT_MS = 10_000

/** A version that waits already does not wait twice. */
const keyOf = (versionId: VersionId) => `embed:${versionId}`

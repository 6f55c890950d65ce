import type { EmbeddingIdentity } from '@quarry/config'
import { AppError, type VersionId } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { isLanguage } from '../analyse/language.ts'
import { progressSignals } from '../ingest/progress.ts'
import type { EmbeddingModel } from './embedding-model.ts'
import { knownHashes, readChunks, storedHashes, type ChunkText } from './read-chunks.ts'
import { finishVersion, holdVersion, isVersion, markWithout, storeWindows, type NewWindow } from './store-windows.ts'
import { windowsOf } from './windows.ts'

/** `without`: the model does not know its language. `ended`: it was replaced or deleted. */
export type EmbedOutcome = 'embedded' | 'without' | 'ended'

export interface EmbedDeps {
  readonly model: EmbeddingModel
  /** Called between batches; waits while files are being read, which people wait for. */
  readonly yieldToReading?: (signal: AbortSignal) => Promise<void>
}

/** Chunks whose texts are in memory at once, about 100 windows of the built-in model. */
const CHUNKS_PER_ROUND = 25

/**
 * Gives a live version the vectors that search by meaning needs, in short transactions with the model called between
 * them. May be killed at any point and called again: what is there already is left alone, and the rows end up the same.
 * A text that the organisation has a vector for is not embedded again. A version that was replaced or deleted meanwhile
 * ends it quietly.
 *
 * @throws AppError `not_found` when the organisation has no such version, whoever asked for it (final);
 *   `model_unavailable` when the model does not answer, or the signal's reason: try again later.
 */
export async function embedVersion(
  deps: EmbedDeps,
  tenantDb: TenantDb,
  versionId: VersionId,
  signal: AbortSignal,
): Promise<EmbedOutcome> {
  const { model } = deps
  const identity = await model.identity({ signal })
  const version = await tenantDb.tx((tx) => holdVersion(tx, tenantDb.actor.orgId, versionId))
  if (version === null) {
    if (!(await tenantDb.tx((tx) => isVersion(tx, tenantDb.actor.orgId, versionId)))) throw new AppError('not_found')
    return 'ended'
  }
  if (!isLanguage(version.language) || !model.knows(version.language)) {
    await markWithout(tenantDb, versionId, identity.id)
    return 'without'
  }
  const signals = progressSignals()
  let done = 0
  for (let after = 0; ;) {
    const chunks = await readChunks(tenantDb, versionId, after, CHUNKS_PER_ROUND)
    const last = chunks.at(-1)
    if (last === undefined) break
    const pending = await pendingWindows(deps, tenantDb, versionId, identity, chunks)
    const from = done
    const progress = (share: number) => percentage(from + share * chunks.length, version.chunkCount)
    const held = await embedAll(deps, tenantDb, { versionId, identity, pending, progress, signals, signal })
    if (!held) return 'ended'
    done += chunks.length
    after = last.ordinal
  }
  return (await finishVersion(tenantDb, versionId, identity.id, signal)) ? 'embedded' : 'ended'
}

/** Under 100 until it is complete: the last step deletes what is left of other models. */
const percentage = (done: number, all: number) => Math.min(99, Math.floor((100 * done) / Math.max(1, all)))

/** The windows of these chunks that have no vector of this model yet, or one of another text. */
async function pendingWindows(
  { model }: EmbedDeps,
  tenantDb: TenantDb,
  versionId: VersionId,
  { id }: EmbeddingIdentity,
  chunks: readonly ChunkText[],
): Promise<NewWindow[]> {
  const stored = await storedHashes(tenantDb, versionId, id, chunks)
  return chunks.flatMap(({ ordinal, text, headingPath, language }) =>
    windowsOf(text, headingPath, isLanguage(language) ? language : 'simple', model.window)
      .filter((window) => stored.get(`${ordinal}:${window.ordinal}`) !== window.hash)
      .map((window) => ({ ordinal, window: window.ordinal, hash: window.hash, text: window.text })),
  )
}

interface Round {
  readonly versionId: VersionId
  readonly identity: EmbeddingIdentity
  readonly pending: readonly NewWindow[]
  /** 0–99 when so much of the round (0–1) is done. */
  readonly progress: (share: number) => number
  readonly signals: ReturnType<typeof progressSignals>
  readonly signal: AbortSignal
}

/** Batch by batch: copies what the organisation has, embeds the rest, writes both. False when the version is replaced. */
async function embedAll(deps: EmbedDeps, tenantDb: TenantDb, round: Round): Promise<boolean> {
  const { model } = deps
  const { versionId, identity, signal } = round
  let pending = round.pending
  do {
    signal.throwIfAborted()
    await deps.yieldToReading?.(signal)
    const known = await knownHashes(tenantDb, identity.id, pending)
    const copied = pending.filter(({ hash }) => known.has(hash)).slice(0, WINDOWS_PER_COPY)
    const fresh = copied.length > 0 ? [] : pending.slice(0, model.batchSize)
    const vectors = await vectorsOf(model, identity, fresh, signal)
    const batch = copied.length > 0 ? copied : fresh
    const left = pending.length - batch.length
    const progress = round.progress(1 - left / Math.max(1, round.pending.length))
    const tell = round.signals.due()
    const written = await storeWindows(tenantDb, { versionId, model: identity.id, batch, vectors, progress, tell })
    if (written === null) return false
    // One whose twin was deleted between looking and copying stays, and is embedded.
    const gone = new Set(written)
    pending = pending.filter((window) => !gone.has(window))
  } while (pending.length > 0)
  return true
}

/** Copying is only reading and writing: 100 rows of a kilobyte take the embedded database about 40 ms. */
const WINDOWS_PER_COPY = 100

/** Vectors by hash: a text that stands there twice is asked for once. */
async function vectorsOf(
  model: EmbeddingModel,
  { dimension }: EmbeddingIdentity,
  windows: readonly NewWindow[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const texts = new Map(windows.map(({ hash, text }) => [hash, text]))
  if (texts.size === 0) return new Map()
  const vectors = await model.embed([...texts.values()], { signal })
  const wrong = vectors.length !== texts.size || vectors.some((vector) => vector.length !== dimension)
  if (wrong) throw new AppError('model_unavailable', { message: `The model's vectors have not ${dimension} numbers.` })
  return new Map([...texts.keys()].map((hash, i) => [hash, vectors[i] ?? []]))
}

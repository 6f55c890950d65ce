import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { EmbeddingModelV4 } from '@ai-sdk/provider'
import { embedMany } from 'ai'
import { endpointIdentity, type EmbeddingAdapter, type EmbeddingIdentity } from '@quarry/config'
import { AppError } from '@quarry/contracts'
import type { EmbeddingModel, EmbedOptions } from '../embedding-model.ts'
import { endpointFailure } from './endpoint-failure.ts'

export type EndpointAdapter = Extract<EmbeddingAdapter, { kind: 'openai-compatible' }>

/** A batch of windows on a busy local server; a hosted one takes a second. */
const TIMEOUT_MS = 30_000
/** A job waits for what the provider asks (Retry-After up to a minute), twice; then the queue tries again later. */
const RETRIES = 2
/** pgvector stores 16,000 dimensions; no text model has a quarter of it. */
const MOST_DIMENSIONS = 16_000

/**
 * An endpoint that speaks OpenAI's `POST /embeddings`. The dimension is learned from its first answer, and every later
 * one is held to it.
 */
export function createEndpointModel(adapter: EndpointAdapter, timeoutMs: number = TIMEOUT_MS): EmbeddingModel {
  const model = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: adapter.baseUrl,
    apiKey: adapter.apiKey,
  }).embeddingModel(adapter.model)
  let known: EmbeddingIdentity | null = null

  const embed = async (texts: readonly string[], { signal }: EmbedOptions) => {
    if (texts.length === 0) return []
    const vectors = await ask(model, texts, signal, timeoutMs)
    const dimension = known?.dimension ?? vectors[0]?.length ?? 0
    if (dimension === 0 || dimension > MOST_DIMENSIONS || vectors.some((vector) => !isVector(vector, dimension)))
      throw new AppError('model_unavailable', {
        message: `The embedding model did not answer with vectors of ${dimension} finite numbers. Check EMBEDDING_MODEL; restart after a change of the model behind it.`,
      })
    known ??= endpointIdentity(adapter, dimension)
    return vectors
  }

  return {
    name: adapter.model,
    // About 270 word pieces of English, 450 of German: models of this kind read 512. A chunk has 380 words at most.
    window: { words: 200 },
    // Models of this kind rank about as well as BM25 does.
    weight: adapter.weight ?? 0.5,
    floor: null,
    batchSize: 32,
    queryTimeoutMs: 1000,
    // What a model was trained on is not told; the common ones know many languages.
    knows: () => true,
    identity: async (options) => {
      if (known === null) await embed(['dimension'], options)
      if (known === null) throw new AppError('model_unavailable')
      return known
    },
    embed,
    close: () => Promise.resolve(),
  }
}

async function ask(
  model: EmbeddingModelV4,
  texts: readonly string[],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<number[][]> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const { embeddings } = await embedMany({
      model,
      values: [...texts],
      maxRetries: RETRIES,
      maxParallelCalls: 1,
      abortSignal: AbortSignal.any([signal, timeout]),
    })
    if (embeddings.length !== texts.length) throw new RangeError('as many vectors as texts are expected')
    return embeddings
  } catch (error) {
    signal.throwIfAborted()
    throw endpointFailure(error, timeout.aborted)
  }
}

const isVector = (vector: readonly number[], dimension: number) =>
  vector.length === dimension && vector.every(Number.isFinite) && vector.some((value) => value !== 0)

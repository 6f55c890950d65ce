import type { EmbeddingAdapter } from '@quarry/config'
import { createBuiltInModel } from './built-in/built-in-model.ts'
import type { EmbeddingModel } from './embedding-model.ts'
import { createEndpointModel } from './remote/endpoint-model.ts'

/** The configured model; null when semantic search is off, or has no share. Opens no connection and starts no thread. */
export function createEmbeddingModel(adapter: EmbeddingAdapter): EmbeddingModel | null {
  if (adapter.kind === 'off' || adapter.weight === 0) return null
  return adapter.kind === 'built-in' ? createBuiltInModel(adapter.weight) : createEndpointModel(adapter)
}

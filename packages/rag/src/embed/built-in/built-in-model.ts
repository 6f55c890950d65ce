import { BUILT_IN_EMBEDDING } from '@quarry/config'
import type { EmbeddingModel } from '../embedding-model.ts'
import { EmbeddingThread } from './embedding-thread.ts'

/**
 * Universal Sentence Encoder Lite (Cer et al. 2018, arXiv:1803.11175), carried in a package: English only, needs no
 * network. See docs/adr/0005.
 */
export const createBuiltInModel = (weight: number | null, thread = new EmbeddingThread()): EmbeddingModel => ({
  name: 'built-in (Universal Sentence Encoder Lite)',
  // It ignores what follows about 128 word pieces, which are 60 to 80 words.
  window: { words: 60 },
  // Alone it ranks far worse than BM25. As a tenth to a fifth it has gained everywhere that it was tried, and half of
  // the share loses everywhere.
  weight: weight ?? 0.15,
  // Three of four passages that do answer a question are less near to it, and nearly all that do not.
  floor: 0.6,
  // 16 × 35 ms.
  batchSize: 16,
  queryTimeoutMs: 300,
  knows: (language) => language === 'english',
  identity: () => Promise.resolve(BUILT_IN_EMBEDDING),
  embed: (texts, { signal }) => thread.embed(texts, signal),
  close: () => thread.close(),
})

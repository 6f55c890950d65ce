/**
 * What a web process needs of this package: searching, answering and taking out of the index, without the parsers, which it must never load.
 */
export { createEmbeddingModel } from './embed/create-embedding-model.ts'
export type { EmbeddingModel } from './embed/embedding-model.ts'
export { createQueryEmbedder, type QueryEmbedder } from './embed/query-embedder.ts'
export { deleteVectors } from './embed/store-windows.ts'
export { retrieve } from './retrieve/retrieve.ts'
export { generateAnswer } from './answer/generate-answer.ts'
export type { ModelCallReport } from './answer/model-call.ts'
export { documentsOf } from './answer/finished-steps.ts'
export { createChatModel, type ChatModel } from './model/chat-model.ts'
export { deleteIndex } from './ingest/delete-index.ts'

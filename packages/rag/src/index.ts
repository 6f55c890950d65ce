export { analyse, type Analysis } from './analyse/analyse.ts'
export { configurationOf, detectLanguage, isLanguage, type Configuration, type Language } from './analyse/language.ts'
export { sentencesOf } from './chunk/sentences.ts'
export {
  ParseFailure,
  type Block,
  type BlockKind,
  type Box,
  type ParsedPage,
  type ReadableFile,
} from './parse/parsed-page.ts'
export { findLanguages } from './parse/ocr/languages.ts'
export type { ParserLimits } from './parse/parser-process.ts'
export { createParserPool, type ParserPool } from './parse/pool.ts'
export { createChunker, nameInWords, type Chunk, type Chunker } from './chunk/chunker.ts'
export {
  abandonProcessing,
  processVersion,
  type IngestDeps,
  type IngestOutcome,
  type IngestWork,
} from './ingest/process-version.ts'
export { generateAnswer, type AnswerRequest, type AnswerResult, type Turn } from './answer/generate-answer.ts'
export { DEFAULT_BUDGETS, type AnswerBudgets } from './answer/budgets.ts'
export { runFailure, type RunFailureCode } from './answer/failures.ts'
export type { AnswerScope } from './answer/scope.ts'
export { verifyCitations, type QuotedPlace } from './answer/read-places.ts'
export { createChatModel, type ChatModel } from './model/chat-model.ts'
export { awaitEmbedding, endEmbedding, forgetEmbedding, unembeddedVersions } from './embed/await-embedding.ts'
export { createEmbeddingModel } from './embed/create-embedding-model.ts'
export type { EmbeddingModel } from './embed/embedding-model.ts'
export { embedVersion, type EmbedOutcome } from './embed/embed-version.ts'
export { retrieve, type RetrieveOptions } from './retrieve/retrieve.ts'

import { z } from 'zod'
import { collectionId, documentId, versionId } from './ids.ts'
import { text } from './text.ts'

export const searchInput = z.strictObject({
  query: text.trim().min(1).max(2000),
  collectionIds: z.array(collectionId).max(100).nullish(),
  documentIds: z.array(documentId).max(100).nullish(),
  limit: z.int().min(1).max(100).default(10),
  /** Each document once, by its best passage. */
  perDocument: z.boolean().nullish(),
})
export type SearchInput = z.infer<typeof searchInput>

/** Half-open UTF-16 offsets into a document page's text. */
export const span = z.object({ start: z.int(), end: z.int() })
export type Span = z.infer<typeof span>

export const searchHit = z.object({
  documentId,
  versionId,
  collectionId,
  document: z.string(),
  title: z.string(),
  ordinal: z.int(),
  page: z.int().nullable(),
  headingPath: z.array(z.string()),
  span,
  text: z.string(),
  /** Spans of matched words inside `text`. */
  highlights: z.array(span),
  score: z.number(),
})
export type SearchHit = z.infer<typeof searchHit>
export const searchOutput = z.object({ hits: z.array(searchHit), tookMs: z.number() })

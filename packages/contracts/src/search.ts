import { z } from 'zod'
import { collectionId, documentId, versionId } from './ids.ts'
import { mediaType } from './media-types.ts'
import { text } from './text.ts'

export const searchInput = z.strictObject({
  query: text.trim().min(1).max(2000),
  collectionIds: z.array(collectionId).max(100).nullish(),
  documentIds: z.array(documentId).max(100).nullish(),
  mediaTypes: z.array(mediaType).max(50).nullish(),
  /** As `version.language` says it. */
  languages: z.array(text.max(40)).max(50).nullish(),
  /** Documents whose live version was added from this moment on, and before that one. */
  addedFrom: z.iso.datetime().nullish(),
  addedBefore: z.iso.datetime().nullish(),
  /** `lexical`: by words alone. Default: hybrid, where an embedding model has a share in it. */
  mode: z.enum(['hybrid', 'lexical']).nullish(),
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
  mediaType: mediaType.nullable(),
  language: z.string(),
  addedAt: z.iso.datetime(),
  headingPath: z.array(z.string()),
  span,
  text: z.string(),
  /** Spans of matched words inside `text`. */
  highlights: z.array(span),
  score: z.number(),
})
export type SearchHit = z.infer<typeof searchHit>
/** What a search page can filter by: only what the caller may see, with how many documents each has. */
export const searchFacets = z.object({
  mediaTypes: z.array(z.object({ value: mediaType, documents: z.int() })),
  languages: z.array(z.object({ value: z.string(), documents: z.int() })),
})
/** `tookMs`: how long the search took when it was made; an answer that was kept says so, too. */
export const searchOutput = z.object({ hits: z.array(searchHit), tookMs: z.number() })

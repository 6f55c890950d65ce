import { z } from 'zod'
import { collectionId, documentId, versionId } from './ids.ts'
import { formatNames, mediaType } from './media-types.ts'
import { pageInput } from './pagination.ts'
import { text } from './text.ts'

/** States of a version. `uploading` ends by `documents.complete`; `searchable` and `failed` are terminal. */
export const versionState = z.enum(['uploading', 'uploaded', 'parsing', 'searchable', 'failed'])
export type VersionState = z.infer<typeof versionState>

/** What is happening to a version that is being worked on, in this order. */
export const versionStage = z.enum(['waiting', 'reading', 'recognising', 'chunking', 'indexing', 'publishing'])

/** Why a file failed: a sentence for a person, what to do about it, and whether trying again can help. */
export const FAILURES = {
  empty: { message: 'The file is empty.', action: 'Check the original and upload it again.', retryable: false },
  no_text: {
    message: 'No text was found in the file.',
    action:
      'Check the original. For images and scanned PDFs a sharper scan, or another language in OCR_LANGUAGES, may help. Pictures in other files are not read: save those as PDF.',
    retryable: false,
  },
  encrypted: {
    message: 'The file is protected by a password.',
    action: 'Remove the password and upload it again.',
    retryable: false,
  },
  damaged: {
    message: 'The file is damaged and cannot be read.',
    action: 'Open and save it again in its own program, then upload it.',
    retryable: false,
  },
  not_text: {
    message: 'The file is neither of a known kind nor text in a known encoding.',
    action: 'Save it in one of the supported formats, text best as UTF-8, and upload it again.',
    retryable: false,
  },
  unsupported_type: {
    message: 'This kind of file is not supported.',
    action: `Upload one of: ${formatNames()}.`,
    retryable: false,
  },
  too_large: {
    message: 'The file is larger than the limit.',
    action: 'Split the file, or ask the operator to raise UPLOAD_MAX_BYTES.',
    retryable: false,
  },
  unpacks_too_large: {
    message: 'The file unpacks to far more than files of its size hold, so reading it was stopped.',
    action: 'Check where the file is from; if it is yours, split it and upload the parts.',
    retryable: false,
  },
  too_much_memory: {
    message: 'Reading the file took too much memory, so it was stopped.',
    action: 'Split the file or make the image smaller, or ask the operator to raise PARSE_MEMORY_MB.',
    retryable: true,
  },
  too_slow: {
    message: 'Reading the file took too long, so it was stopped.',
    action:
      'Split the file, or ask the operator to raise PARSE_TIMEOUT_SECONDS (for images and scans: OCR_TIMEOUT_SECONDS).',
    retryable: true,
  },
  blob_missing: {
    message: 'The stored bytes of the file are gone.',
    action: 'Upload the file again.',
    retryable: false,
  },
  crashed: {
    message: 'Reading the file failed again and again.',
    action: 'Try again; if it persists, report the file to the operator.',
    retryable: true,
  },
  cancelled: {
    message: 'Reading the file was cancelled.',
    action: 'Try again when it is wanted after all.',
    retryable: true,
  },
} as const
/** What of a searchable version could not be read. `{pages}` in the sentence is where. */
export const WARNINGS = {
  page_unreadable: { message: 'Some pages are damaged and could not be read.' },
  ocr_failed: { message: 'Text recognition failed on some pages.' },
  ocr_uncertain: { message: 'Text recognition was unsure on some pages; check them against the original.' },
  no_text_on_page: { message: 'Some pages show pictures or drawings in which no text was found.' },
  truncated: { message: 'The file is very long; only its first part is searchable.' },
  attachment_unreadable: { message: 'Some attachments could not be read.' },
  encoding_guessed: { message: 'The text encoding was guessed; some characters may be wrong.' },
} as const
export const warningCode = z.enum(Object.keys(WARNINGS) as [keyof typeof WARNINGS, ...(keyof typeof WARNINGS)[]])
export type WarningCode = z.infer<typeof warningCode>

/** `ordinals`: pages, or sections where the format has no pages, ascending. Empty: the file as a whole. */
export const warning = z.object({ code: warningCode, message: z.string(), ordinals: z.array(z.int()) })
export type Warning = z.infer<typeof warning>

export const failureCode = z.enum(Object.keys(FAILURES) as [keyof typeof FAILURES, ...(keyof typeof FAILURES)[]])
export type FailureCode = z.infer<typeof failureCode>

/** A path is part of a key: Postgres takes 2,704 bytes in a row of an index, with the ids beside it. */
const LONGEST_PATH_BYTES = 2500

/** A name relative to what was dropped, with forward slashes: no absolute path, no `..`, no control characters. */
export const sourcePath = text
  .min(1)
  .max(1000)
  .refine(
    (p) => !p.startsWith('/') && !p.split('/').some((s) => s === '' || s === '.' || s === '..') && !/\p{Cc}/u.test(p),
    {
      message: 'a relative path with forward slashes, without . or ..',
    },
  )
  .transform((p) => p.normalize('NFC'))
  .refine((p) => new TextEncoder().encode(p).byteLength <= LONGEST_PATH_BYTES, { message: 'is too long' })

export const version = z.object({
  id: versionId,
  state: versionState,
  stage: versionStage.nullable(),
  /** 0–100, of the whole way to searchable. */
  progress: z.int(),
  mediaType: mediaType.nullable(),
  sizeBytes: z.int(),
  contentHash: z.string().nullable(),
  pageCount: z.int().nullable(),
  language: z.string().nullable(),
  /** What could not be read of a version that is searchable all the same. */
  warnings: z.array(warning),
  /** Percentage of the semantic index; null where this version will have none (no embedding model, or not searchable). */
  semantic: z.int().nullable(),
  failure: z.object({ code: failureCode, message: z.string(), action: z.string(), retryable: z.boolean() }).nullable(),
  createdAt: z.iso.datetime(),
  searchableAt: z.iso.datetime().nullable(),
})
export type Version = z.infer<typeof version>

export const documentItem = z.object({
  id: documentId,
  collectionId,
  /** The source path inside the collection: how people, the CLI and citations name a document. */
  path: z.string(),
  title: z.string(),
  /** The newest version, which may still be on its way or have failed. */
  latest: version,
  /** The version that answers questions now; null before the first became searchable. */
  liveVersionId: versionId.nullable(),
  createdAt: z.iso.datetime(),
})
export type DocumentItem = z.infer<typeof documentItem>

export const listDocumentsInput = pageInput.extend({
  collectionId: collectionId.nullish(),
  state: versionState.nullish(),
  mediaType: mediaType.nullish(),
  /** Substring of the path, case-insensitive. */
  query: text.max(200).nullish(),
})
export const getDocumentInput = z.strictObject({ id: documentId })

/** At most 200 files a call, so that one transaction stays short. */
export const createManyInput = z.strictObject({
  collectionId,
  files: z
    .array(z.strictObject({ path: sourcePath, sizeBytes: z.int().min(0) }))
    .min(1)
    .max(200),
})
/**
 * One per file, in the order asked: either refused, and then nothing was stored, or a ticket, which is the version's
 * id: PUT bytes to `/api/uploads/<ticket>?offset=<n>`.
 */
export const createManyOutput = z.array(
  z.union([
    z.object({ path: z.string(), documentId, ticket: versionId, refused: z.null() }),
    z.object({
      path: z.string(),
      documentId: z.null(),
      ticket: z.null(),
      refused: z.object({ code: failureCode, message: z.string(), action: z.string() }),
    }),
  ]),
)
export type CreateManyOutput = z.infer<typeof createManyOutput>
export const completeInput = z.strictObject({ ticket: versionId })
/** `unchanged`: the same content is already searchable (or on its way) at this path; the ticket is gone and `document` is the existing one. */
export const completeOutput = z.object({ outcome: z.enum(['accepted', 'unchanged', 'failed']), document: documentItem })
/** Answer of PUT and HEAD `/api/uploads/<ticket>`: how many bytes are stored, where a resumed upload goes on. */
export const uploadStatus = z.object({ ticket: versionId, offset: z.int(), sizeBytes: z.int() })
export type UploadStatus = z.infer<typeof uploadStatus>

export const retryDocumentInput = z.strictObject({ id: documentId })
export const deleteDocumentInput = z.strictObject({ id: documentId })

/**
 * A stretch of a page's text. Blocks are in order and do not overlap. A table has a row per line, its cells separated
 * by " | ", the first row being its header; a list has an item per line.
 */
export const pageBlock = z.object({
  kind: z.enum(['heading', 'paragraph', 'list', 'table', 'code', 'furniture']),
  start: z.int(),
  end: z.int(),
  /** 1 (outermost) to 6; headings only. */
  level: z.int().optional(),
})
export type PageBlock = z.infer<typeof pageBlock>

/**
 * One page for the source viewer. `ordinal` is 1-based; `page` is its printed number in a paged format and null where
 * the format has no pages (the ordinal is then a section). `boxes`: [spanStart, spanEnd, x, y, width, height] in PDF
 * points from the top left corner of the page; empty where the format has no layout.
 */
export const documentPage = z.object({
  versionId,
  ordinal: z.int(),
  page: z.int().nullable(),
  text: z.string(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  boxes: z.array(z.tuple([z.int(), z.int(), z.number(), z.number(), z.number(), z.number()])),
  /** What the section is called where the format names it: a sheet, "Slide 3", a chapter, an attachment. */
  label: z.string().nullable(),
  /** The text was recognised in an image; it may have errors. */
  ocr: z.boolean(),
  blocks: z.array(pageBlock),
})
export type DocumentPage = z.infer<typeof documentPage>
export const documentPageInput = z.strictObject({ versionId, ordinal: z.int().min(1) })
/** A version as the viewer needs it, also when it is no longer the live one (an old citation stays checkable). */
export const documentVersionInput = z.strictObject({ versionId })
export const documentVersionOutput = z.object({
  document: documentItem,
  version,
  isLive: z.boolean(),
  sections: z.int(),
  /** What sections are called, where the format names them: a way through the document. The first 500 of them. */
  labels: z.array(z.object({ ordinal: z.int(), label: z.string() })),
})

import type { PageBlock, WarningCode } from '@quarry/contracts'
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { collection } from './collection.ts'
import { createdAtColumn, moment, orgIdColumn } from './columns.ts'

/** One logical document; its key for people is (collection, source path). */
export const document = pgTable(
  'document',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    collectionId: uuid('collection_id').notNull(),
    sourcePath: text('source_path').notNull(),
    title: text('title').notNull(),
    /** The version that answers questions now. Chunks and postings of any other version are invisible to search. */
    liveVersionId: uuid('live_version_id'),
    latestVersionId: uuid('latest_version_id'),
    createdBy: uuid('created_by'),
    createdAt: createdAtColumn(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    unique('document_source_path').on(t.orgId, t.collectionId, t.sourcePath),
    index('document_newest').on(t.orgId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('document_newest_in_collection').on(
      t.orgId,
      t.collectionId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    foreignKey({ columns: [t.orgId, t.collectionId], foreignColumns: [collection.orgId, collection.id] }).onDelete(
      'cascade',
    ),
  ],
)

export const documentVersion = pgTable(
  'document_version',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    documentId: uuid('document_id').notNull(),
    collectionId: uuid('collection_id').notNull(),
    state: text('state', { enum: ['uploading', 'uploaded', 'parsing', 'searchable', 'failed'] })
      .notNull()
      .default('uploading'),
    stage: text('stage', { enum: ['waiting', 'reading', 'recognising', 'chunking', 'indexing', 'publishing'] }),
    progress: integer('progress').notNull().default(0),
    /** Counts the workers that took this version up: the fencing token of its writes. */
    attempt: integer('attempt').notNull().default(0),
    /** SHA-256, lower-case hex; null until the upload is complete. */
    contentHash: text('content_hash'),
    blobKey: text('blob_key'),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    mediaType: text('media_type'),
    /** null where the format has no pages. */
    pageCount: integer('page_count'),
    sectionCount: integer('section_count'),
    chunkCount: integer('chunk_count'),
    language: text('language'),
    errorCode: text('error_code'),
    errorText: text('error_text'),
    /** What could not be read of a version that is searchable all the same; ordinals ascending. */
    warnings: jsonb('warnings').$type<{ code: WarningCode; ordinals: number[] }[]>().notNull().default([]),
    /** The embedding model of the semantic index, and its percentage; null while this version has none. */
    semanticModel: text('semantic_model'),
    semantic: integer('semantic'),
    createdBy: uuid('created_by'),
    createdAt: createdAtColumn(),
    updatedAt: moment('updated_at').defaultNow().notNull(),
    searchableAt: moment('searchable_at'),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('document_version_of').on(t.orgId, t.documentId, t.createdAt.desc().nullsFirst()),
    index('document_version_unfinished').on(t.state, t.updatedAt),
    // Lists by state, and those that fewer documents are of than a page is long.
    index('document_version_of_state').on(t.orgId, t.state, t.documentId),
    index('document_version_of_type').on(t.orgId, t.mediaType, t.documentId),
    // Who else has the same bytes.
    // Which wait for vectors of the configured model, in all organisations.
    index('document_version_of_model')
      .on(t.semanticModel)
      .where(sql`state = 'searchable'`),
    index('document_version_of_content').on(t.orgId, t.contentHash),
    foreignKey({ columns: [t.orgId, t.documentId], foreignColumns: [document.orgId, document.id] }).onDelete('cascade'),
  ],
)

export type PageBox = [spanStart: number, spanEnd: number, x: number, y: number, width: number, height: number]

/** The normalised text that spans refer to, a row per page (or per section where the format has no pages). */
export const documentPage = pgTable(
  'document_page',
  {
    orgId: orgIdColumn(),
    versionId: uuid('version_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    collectionId: uuid('collection_id').notNull(),
    text: text('text').notNull(),
    width: doublePrecision('width'),
    height: doublePrecision('height'),
    boxes: jsonb('boxes').$type<PageBox[]>().notNull().default([]),
    /** What the section is called where the format names it: a sheet, a slide, a chapter, an attachment. */
    label: text('label'),
    /** The text was recognised in an image. */
    ocr: boolean('ocr').notNull().default(false),
    blocks: jsonb('blocks').$type<PageBlock[]>().notNull().default([]),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.versionId, t.ordinal] }),
    foreignKey({
      columns: [t.orgId, t.versionId],
      foreignColumns: [documentVersion.orgId, documentVersion.id],
    }).onDelete('cascade'),
  ],
)

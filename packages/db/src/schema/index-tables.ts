import { customType, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { orgIdColumn } from './columns.ts'
import { documentVersion } from './document.ts'

/**
 * A passage: the half-open UTF-16 span [spanStart, spanEnd) of one document page. Hash-partitioned by org_id.
 * Its text is not stored twice: it is cut out of the page.
 */
export const chunk = pgTable(
  'chunk',
  {
    orgId: orgIdColumn(),
    versionId: uuid('version_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    documentId: uuid('document_id').notNull(),
    collectionId: uuid('collection_id').notNull(),
    headingPath: text('heading_path').array().notNull(),
    /** 1-based ordinals of document_page. A chunk stays inside one page, so both are equal today. */
    pageFrom: integer('page_from').notNull(),
    pageTo: integer('page_to').notNull(),
    spanStart: integer('span_start').notNull(),
    spanEnd: integer('span_end').notNull(),
    /** Length in lexemes, context included: BM25's dl. */
    tokenCount: integer('token_count').notNull(),
    language: text('language').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.versionId, t.ordinal] }),
    index('chunk_of_collection').on(t.orgId, t.collectionId),
    foreignKey({
      columns: [t.orgId, t.versionId],
      foreignColumns: [documentVersion.orgId, documentVersion.id],
    }).onDelete('cascade'),
  ],
)

/** One lexeme of one chunk; hash-partitioned by org_id. The key leads with the lexeme, so that a query reads few pages. */
export const posting = pgTable(
  'posting',
  {
    orgId: orgIdColumn(),
    lexeme: text('lexeme').notNull(),
    versionId: uuid('version_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    collectionId: uuid('collection_id').notNull(),
    tf: integer('tf').notNull(),
    /** The chunk's length in lexemes, repeated here so that scoring needs no other table. */
    length: integer('length').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.lexeme, t.versionId, t.ordinal] }),
    // With the ordinal, so that deleting a version batch by batch reads each posting once.
    index('posting_of_version').on(t.orgId, t.versionId, t.ordinal),
    foreignKey({
      columns: [t.orgId, t.versionId],
      foreignColumns: [documentVersion.orgId, documentVersion.id],
    }).onDelete('cascade'),
  ],
)

/** A half-precision vector of any dimension: the model says which. In and out as pgvector's text, `[1,2,3]`. */
const halfvec = customType<{ data: string }>({ dataType: () => 'halfvec' })

/**
 * The embedding of one window of one chunk; hash-partitioned by org_id. There is an index per model, over a cast to its
 * dimension. `textHash` (SHA-256 of the window's text as it was embedded, lower-case hex) spares embedding a text twice.
 */
export const chunkEmbedding = pgTable(
  'chunk_embedding',
  {
    orgId: orgIdColumn(),
    model: text('model').notNull(),
    versionId: uuid('version_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    /** 0, 1, 2 … over the windows of the chunk. */
    windowOrdinal: integer('window_ordinal').notNull(),
    collectionId: uuid('collection_id').notNull(),
    textHash: text('text_hash').notNull(),
    embedding: halfvec('embedding').notNull(),
  },
  (t) => [
    primaryKey({ name: 'chunk_embedding_pk', columns: [t.orgId, t.model, t.versionId, t.ordinal, t.windowOrdinal] }),
    index('chunk_embedding_text').on(t.orgId, t.model, t.textHash),
    index('chunk_embedding_of_version').on(t.orgId, t.versionId, t.ordinal),
    foreignKey({
      columns: [t.orgId, t.versionId],
      foreignColumns: [documentVersion.orgId, documentVersion.id],
    }).onDelete('cascade'),
  ],
)

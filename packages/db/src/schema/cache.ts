import { sql } from 'drizzle-orm'
import { bigint, bigserial, customType, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createdAtColumn } from './columns.ts'

/** A transaction's number, as `pg_current_xact_id()` gives it. */
const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

/**
 * How often what a caller may read has changed: every key of a cached read carries these numbers, so that what is older
 * is simply not found. Not a tenant table: `subjectId` is an organisation, a person or an API key, and there is nothing
 * here but counts. Triggers write it, at the end of the very transaction that changes the rows (0004_data_plane.sql).
 */
export const cacheVersion = pgTable(
  'cache_version',
  {
    subjectId: uuid('subject_id').notNull(),
    tag: text('tag', { enum: ['permission', 'documents', 'index', 'access'] }).notNull(),
    /** Grows. Starts at the microsecond of its first change, so that a restored database never repeats one. */
    version: bigint('version', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.subjectId, t.tag] })],
)

/**
 * Versions that have grown and that the shared cache has not been told yet; written with them. Handed on by
 * packages/core/src/cache/drain.ts.
 */
export const cacheOutbox = pgTable(
  'cache_outbox',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    subjectId: uuid('subject_id').notNull(),
    tag: text('tag', { enum: ['permission', 'documents', 'index', 'access'] }).notNull(),
    /** Null until the transaction ends, when all that it touched is counted up in one order. */
    version: bigint('version', { mode: 'number' }),
    transaction: xid8('transaction')
      .default(sql`pg_catalog.pg_current_xact_id()`)
      .notNull(),
    createdAt: createdAtColumn(),
  },
  (t) => [
    index('cache_outbox_of_transaction')
      .on(t.transaction)
      .where(sql`version is null`),
  ],
)

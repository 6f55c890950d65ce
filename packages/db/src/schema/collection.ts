import { bigint, foreignKey, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { createdAtColumn, orgIdColumn } from './columns.ts'

export const collection = pgTable(
  'collection',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    visibility: text('visibility', { enum: ['organisation', 'restricted'] })
      .notNull()
      .default('organisation'),
    /** Bumped in the transaction that changes what a search here can find. */
    indexVersion: bigint('index_version', { mode: 'number' }).notNull().default(0),
    createdBy: uuid('created_by'),
    createdAt: createdAtColumn(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] }), unique('collection_name').on(t.orgId, t.name)],
)

export const collectionGrant = pgTable(
  'collection_grant',
  {
    orgId: orgIdColumn(),
    collectionId: uuid('collection_id').notNull(),
    granteeKind: text('grantee_kind', { enum: ['user', 'api_key'] }).notNull(),
    granteeId: uuid('grantee_id').notNull(),
    grantedBy: uuid('granted_by'),
    createdAt: createdAtColumn(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.collectionId, t.granteeKind, t.granteeId] }),
    foreignKey({ columns: [t.orgId, t.collectionId], foreignColumns: [collection.orgId, collection.id] }).onDelete(
      'cascade',
    ),
  ],
)

/** Size of the live index, for BM25's N and average length; kept by the transactions that publish and delete. */
export const collectionStat = pgTable(
  'collection_stat',
  {
    orgId: orgIdColumn(),
    collectionId: uuid('collection_id').notNull(),
    language: text('language').notNull(),
    chunks: integer('chunks').notNull().default(0),
    /** Sum of the chunks' lengths in lexemes. */
    length: bigint('length', { mode: 'number' }).notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.collectionId, t.language] }),
    foreignKey({ columns: [t.orgId, t.collectionId], foreignColumns: [collection.orgId, collection.id] }).onDelete(
      'cascade',
    ),
  ],
)

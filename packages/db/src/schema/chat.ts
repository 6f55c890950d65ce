import { sql } from 'drizzle-orm'
import { boolean, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { Feedback, RunFailure, RunPartBody, Timings, Usage } from '@quarry/contracts'
import { createdAtColumn, moment, orgIdColumn } from './columns.ts'

/** Conversations belong to one user or one API key: `ownerId` stands on every table below, and the policies read it. */
const ownerIdColumn = () => uuid('owner_id').notNull()

export const conversation = pgTable(
  'conversation',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    ownerId: ownerIdColumn(),
    title: text('title').notNull(),
    createdAt: createdAtColumn(),
    /** Deleted by its owner, who may still undo it; a sweep removes it for good. */
    deletedAt: moment('deleted_at'),
    updatedAt: moment('updated_at').defaultNow().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('conversation_newest').on(t.orgId, t.ownerId, t.updatedAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('conversation_deleted')
      .on(t.deletedAt)
      .where(sql`deleted_at is not null`),
  ],
)

export const message = pgTable(
  'message',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    ownerId: ownerIdColumn(),
    role: text('role', { enum: ['user', 'assistant'] }).notNull(),
    state: text('state', { enum: ['streaming', 'complete', 'stopped', 'interrupted', 'failed'] }).notNull(),
    text: text('text').notNull().default(''),
    /** What a search looks at: folding takes four times as long as looking. */
    folded: text('folded').generatedAlwaysAs(sql`lower(text)`),
    abstained: boolean('abstained').notNull().default(false),
    model: text('model'),
    failure: jsonb('failure').$type<RunFailure>(),
    createdAt: createdAtColumn(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('message_of_conversation').on(t.orgId, t.conversationId, t.createdAt, t.id),
    foreignKey({
      columns: [t.orgId, t.conversationId],
      foreignColumns: [conversation.orgId, conversation.id],
    }).onDelete('cascade'),
  ],
)

/** Kept also when its document is deleted: the quote then stands, unverifiable. */
export const citation = pgTable(
  'citation',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    messageId: uuid('message_id').notNull(),
    ownerId: ownerIdColumn(),
    marker: integer('marker').notNull(),
    documentId: uuid('document_id').notNull(),
    versionId: uuid('version_id').notNull(),
    document: text('document').notNull(),
    title: text('title').notNull(),
    ordinal: integer('ordinal').notNull(),
    page: integer('page'),
    heading: text('heading'),
    spanStart: integer('span_start').notNull(),
    spanEnd: integer('span_end').notNull(),
    quote: text('quote').notNull(),
    /** SHA-256 of the quote, lower-case hex. */
    quoteHash: text('quote_hash').notNull(),
    verified: boolean('verified').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('citation_of_message').on(t.orgId, t.messageId, t.marker),
    // Which of somebody's answers draw on a document.
    index('citation_of_owner').on(t.orgId, t.ownerId, t.documentId),
    foreignKey({ columns: [t.orgId, t.messageId], foreignColumns: [message.orgId, message.id] }).onDelete('cascade'),
  ],
)

/** One generation. The lease holder of the current attempt is the only one that may write. */
export const run = pgTable(
  'run',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    messageId: uuid('message_id').notNull(),
    /** The message that asks; null in runs of before it was kept, which nobody takes over. */
    questionId: uuid('question_id'),
    ownerId: ownerIdColumn(),
    state: text('state', { enum: ['running', 'complete', 'stopped', 'interrupted', 'failed'] })
      .notNull()
      .default('running'),
    /** What the caller asked for and may see again at a take-over: filters, never text. */
    scope: jsonb('scope').$type<{ collectionIds: string[] | null; documentIds: string[] | null }>().notNull(),
    leaseHolder: text('lease_holder'),
    heartbeatAt: moment('heartbeat_at'),
    attempt: integer('attempt').notNull().default(1),
    stopRequestedAt: moment('stop_requested_at'),
    model: text('model'),
    usage: jsonb('usage').$type<Usage>(),
    timings: jsonb('timings').$type<Timings>(),
    createdAt: createdAtColumn(),
    endedAt: moment('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('run_of_message').on(t.orgId, t.messageId),
    index('run_unfinished').on(t.state, t.heartbeatAt),
    index('run_of_owner').on(t.orgId, t.ownerId),
    foreignKey({ columns: [t.orgId, t.messageId], foreignColumns: [message.orgId, message.id] }).onDelete('cascade'),
  ],
)

/**
 * Finished parts of a run, so that losing the log loses nothing: events, texts in a row being one, and the steps of the
 * agent, from which another process can go on. `lastEventId` is the newest event it contains.
 */
export const runPart = pgTable(
  'run_part',
  {
    orgId: orgIdColumn(),
    runId: uuid('run_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    ownerId: ownerIdColumn(),
    attempt: integer('attempt').notNull(),
    lastEventId: integer('last_event_id').notNull(),
    body: jsonb('body').$type<RunPartBody>().notNull(),
    createdAt: createdAtColumn(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.runId, t.ordinal] }),
    foreignKey({ columns: [t.orgId, t.runId], foreignColumns: [run.orgId, run.id] }).onDelete('cascade'),
  ],
)

/** What its reader thinks of an answer. */
export const feedback = pgTable(
  'feedback',
  {
    orgId: orgIdColumn(),
    messageId: uuid('message_id').notNull(),
    ownerId: ownerIdColumn(),
    rating: text('rating', { enum: ['up', 'down'] }).notNull(),
    reason: text('reason').$type<NonNullable<Feedback['reason']>>(),
    comment: text('comment'),
    createdAt: createdAtColumn(),
    updatedAt: moment('updated_at').defaultNow().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.messageId] }),
    foreignKey({ columns: [t.orgId, t.messageId], foreignColumns: [message.orgId, message.id] }).onDelete('cascade'),
  ],
)

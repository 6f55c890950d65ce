import { sql } from 'drizzle-orm'
import { bigserial, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createdAtColumn, moment, orgIdColumn } from './columns.ts'

/** History of jobs: graphile-worker deletes the rows of those that succeeded. */
export const jobRun = pgTable(
  'job_run',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    jobId: text('job_id').notNull(),
    kind: text('kind').notNull(),
    subjectId: uuid('subject_id'),
    state: text('state', { enum: ['running', 'succeeded', 'failed', 'retrying', 'lost'] }).notNull(),
    attempt: integer('attempt').notNull(),
    worker: text('worker').notNull(),
    errorClass: text('error_class'),
    startedAt: createdAtColumn(),
    finishedAt: moment('finished_at'),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('job_run_newest').on(t.orgId, t.startedAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    // For sweeps over all organisations: what a dead worker was at, and what is old.
    index('job_run_running')
      .on(t.worker)
      .where(sql`state = 'running'`),
    index('job_run_age').on(t.startedAt),
  ],
)

/**
 * "This row changed": written in the transaction that changed it, read by one poller per process. Ids only.
 * `access`: what the user or API key of this id may see has changed, or is over.
 */
export const signal = pgTable(
  'signal',
  {
    orgId: orgIdColumn(),
    id: bigserial('id', { mode: 'number' }).notNull(),
    topic: text('topic', {
      enum: ['document', 'collection', 'conversation', 'member', 'access', 'run.stop'],
    }).notNull(),
    subjectId: uuid('subject_id').notNull(),
    createdAt: createdAtColumn(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] }), index('signal_order').on(t.id)],
)

export const auditEvent = pgTable(
  'audit_event',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: uuid('actor_id'),
    action: text('action').notNull(),
    subjectKind: text('subject_kind').notNull(),
    subjectId: text('subject_id').notNull(),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    requestId: text('request_id'),
    createdAt: createdAtColumn(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('audit_event_newest').on(t.orgId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    // What the log is filtered by.
    index('audit_event_of_action').on(t.orgId, t.action, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('audit_event_of_actor').on(t.orgId, t.actorId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
  ],
)

/** The reply to a request that must not happen twice; one per caller and key. */
export const idempotencyKey = pgTable(
  'idempotency_key',
  {
    orgId: orgIdColumn(),
    actorId: uuid('actor_id').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    response: jsonb('response').notNull(),
    createdAt: createdAtColumn(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.actorId, t.key] }), index('idempotency_key_age').on(t.createdAt)],
)

/** Not a tenant table: one row per live worker pool. A pool whose heartbeat is old is dead, and its jobs are freed. */
export const workerHeartbeat = pgTable('worker_heartbeat', {
  poolId: text('pool_id').primaryKey(),
  host: text('host').notNull(),
  startedAt: createdAtColumn(),
  seenAt: moment('seen_at').defaultNow().notNull(),
})

/**
 * Not a tenant table: what only one process may be, and which one is. A lease that was not renewed for a while is free:
 * its holder is dead. See process-lease.ts.
 */
export const processLease = pgTable('process_lease', {
  name: text('name').primaryKey(),
  holder: text('holder').notNull(),
  host: text('host').notNull(),
  seenAt: moment('seen_at').defaultNow().notNull(),
})

import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAtColumn, moment, orgIdColumn } from './columns.ts'

/**
 * One job, from the transaction that asked for it to its end, and after: graphile-worker deletes the rows of those that
 * are over. `waiting`: the organisation has as many in the queue as its turn allows; the next of its jobs to end lets it in.
 */
export const jobRun = pgTable(
  'job_run',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    /** The row of graphile-worker's queue; null while it waits for its turn, and when it is over. */
    jobId: text('job_id'),
    kind: text('kind').notNull(),
    subjectId: uuid('subject_id'),
    state: text('state', {
      enum: ['waiting', 'queued', 'running', 'retrying', 'succeeded', 'failed', 'cancelled'],
    }).notNull(),
    /** Ids only. */
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull().default({}),
    /** Large, or one of many: what somebody waits for goes first. */
    bulk: boolean('bulk').notNull().default(false),
    /** Lower runs first. */
    priority: integer('priority').notNull().default(0),
    /** Taken up so often, deaths of a worker included. */
    attempt: integer('attempt').notNull().default(0),
    maxAttempts: integer('max_attempts').notNull().default(1),
    /** Deaths of a worker in it, but for those before which it came further than ever. */
    crashes: integer('crashes').notNull().default(0),
    stage: text('stage'),
    /** 0–100; null where the job does not say. */
    progress: integer('progress'),
    /** The worker pool that runs it. */
    worker: text('worker'),
    errorClass: text('error_class'),
    /** A sentence for who may see the job; never a document's text. */
    errorMessage: text('error_message'),
    /** Under this key there is one job that has not begun: a later one takes its place. */
    jobKey: text('job_key'),
    /** Jobs of one queue run one after the other. */
    queueName: text('queue_name'),
    /** Not before; null for now. */
    runAt: moment('run_at'),
    enqueuedAt: createdAtColumn(),
    startedAt: moment('started_at'),
    finishedAt: moment('finished_at'),
    updatedAt: moment('updated_at').defaultNow().notNull(),
    cancelRequestedAt: moment('cancel_requested_at'),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('job_run_newest').on(t.orgId, t.enqueuedAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('job_run_of_state').on(t.orgId, t.state, t.enqueuedAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('job_run_of_subject').on(t.orgId, t.subjectId, t.enqueuedAt.desc().nullsFirst()),
    // Whose turn it is.
    index('job_run_unfinished')
      .on(t.orgId, t.kind, t.priority, t.bulk, t.enqueuedAt, t.id)
      .where(sql`state in ('waiting', 'queued', 'running', 'retrying')`),
    index('job_run_of_key')
      .on(t.orgId, t.jobKey)
      .where(sql`job_key is not null and state in ('waiting', 'queued', 'retrying')`),
    // For sweeps over all organisations: what a dead worker was at, and what is old.
    index('job_run_running')
      .on(t.worker)
      .where(sql`state = 'running'`),
    index('job_run_age').on(t.enqueuedAt, t.id),
    index('job_run_finished').on(t.finishedAt),
    // Charts of an organisation.
    index('job_run_ended').on(t.orgId, t.finishedAt),
    // Owners of the installation look at all organisations.
    index('job_run_all_of_state').on(t.state, t.enqueuedAt, t.id),
    // All that failed in one way, of an organisation and of all.
    index('job_run_of_error')
      .on(t.errorClass, t.orgId, t.enqueuedAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`error_class is not null`),
  ],
)

/** One time that a job was taken up. `lost`: its worker died. `returned`: its worker stopped, and gave it back. */
export const jobAttempt = pgTable(
  'job_attempt',
  {
    orgId: orgIdColumn(),
    jobRunId: uuid('job_run_id').notNull(),
    attempt: integer('attempt').notNull(),
    worker: text('worker').notNull(),
    state: text('state', {
      enum: ['running', 'succeeded', 'failed', 'retrying', 'cancelled', 'returned', 'lost'],
    }).notNull(),
    startedAt: createdAtColumn(),
    finishedAt: moment('finished_at'),
    /** How far it came, 0–100: a job that comes further each time is no job that kills its workers. */
    progress: integer('progress'),
    /** In order, each with the moment it began. */
    stages: jsonb('stages').$type<{ stage: string; at: string }[]>().notNull().default([]),
    errorClass: text('error_class'),
    errorMessage: text('error_message'),
    /** Where in the code; for operators. Names of files and functions, never a document's text. */
    errorStack: text('error_stack'),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.jobRunId, t.attempt] }),
    foreignKey({ columns: [t.orgId, t.jobRunId], foreignColumns: [jobRun.orgId, jobRun.id] }).onDelete('cascade'),
    index('job_attempt_running')
      .on(t.worker)
      .where(sql`state = 'running'`),
  ],
)

/** Not a tenant table: kinds of jobs that the operator has stopped; those that run go on. */
export const jobPause = pgTable('job_pause', {
  kind: text('kind').primaryKey(),
  pausedAt: moment('paused_at').defaultNow().notNull(),
  pausedBy: text('paused_by').notNull(),
})

/** Not a tenant table: what was done by the clock, or by hand, for the whole installation. */
export const cronRun = pgTable(
  'cron_run',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    state: text('state', { enum: ['queued', 'running', 'succeeded', 'failed', 'lost'] }).notNull(),
    worker: text('worker'),
    /** Of the operator who asked for it; null: the clock. */
    requestedBy: text('requested_by'),
    /** What it found and did, by name. */
    counts: jsonb('counts').$type<Record<string, number>>().notNull().default({}),
    errorClass: text('error_class'),
    errorMessage: text('error_message'),
    enqueuedAt: createdAtColumn(),
    startedAt: moment('started_at'),
    finishedAt: moment('finished_at'),
  },
  (t) => [index('cron_run_newest').on(t.name, t.enqueuedAt.desc().nullsFirst())],
)

/** What was spent, once per answer: the id is the run's. */
export const usageEvent = pgTable(
  'usage_event',
  {
    orgId: orgIdColumn(),
    id: uuid('id').notNull(),
    kind: text('kind', { enum: ['answer'] }).notNull(),
    ownerId: uuid('owner_id').notNull(),
    model: text('model').notNull(),
    inputTokens: integer('input_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    createdAt: createdAtColumn(),
  },
  (t) => [
    primaryKey({ columns: [t.orgId, t.id] }),
    index('usage_event_age').on(t.createdAt),
    // What an organisation has spent since its last day that is summed up.
    index('usage_event_of_time').on(t.orgId, t.createdAt),
  ],
)

/** Days (UTC) of usage that are over, summed up from the events. */
export const usageDay = pgTable(
  'usage_day',
  {
    orgId: orgIdColumn(),
    day: date('day', { mode: 'string' }).notNull(),
    kind: text('kind').notNull(),
    model: text('model').notNull(),
    events: integer('events').notNull(),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.day, t.kind, t.model] })],
)

/**
 * "This row changed": written in the transaction that changed it, read by one poller per process. Ids only.
 * `access`: what the user or API key of this id may see has changed, or is over. `run.free`: nobody writes the answer of
 * this run any more, and it has not ended.
 */
export const signal = pgTable(
  'signal',
  {
    orgId: orgIdColumn(),
    id: bigserial('id', { mode: 'number' }).notNull(),
    topic: text('topic', {
      enum: ['document', 'collection', 'conversation', 'member', 'access', 'job', 'job.cancel', 'run.stop', 'run.free'],
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
  /** Of the process, which has a pool per lane. */
  processId: text('process_id').notNull().default(''),
  lane: text('lane').notNull().default(''),
  /** The kinds of jobs it takes. */
  kinds: text('kinds').array().notNull().default([]),
  /** Jobs at the same time. */
  places: integer('places').notNull().default(1),
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

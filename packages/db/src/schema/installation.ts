import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createdAtColumn, moment } from './columns.ts'

/** Stands for the whole installation where an organisation could stand. */
export const WHOLE_INSTALLATION = '00000000-0000-0000-0000-000000000000'

/**
 * What the operator has switched, against the defaults in the code. `subjectId` is an organisation, or the whole
 * installation; an organisation's own row wins. Not a tenant table: no tenant reads or writes it.
 */
export const featureFlag = pgTable(
  'feature_flag',
  {
    name: text('name').notNull(),
    subjectId: uuid('subject_id').notNull(),
    enabled: boolean('enabled').notNull(),
    /** Of the organisations that it is on for, by a hash of name and organisation; 100 for all. Of the whole installation only. */
    percentage: integer('percentage').notNull().default(100),
    updatedAt: moment('updated_at').defaultNow().notNull(),
    /** Who of the machine's users did it, for the log. */
    updatedBy: text('updated_by'),
  },
  (t) => [primaryKey({ columns: [t.name, t.subjectId] })],
)

/** Limits of one organisation where they differ from the configured ones; null: as configured. The operator's too. */
export const organisationLimit = pgTable('organisation_limit', {
  subjectId: uuid('subject_id').primaryKey(),
  perMinute: integer('per_minute'),
  perHour: integer('per_hour'),
  runsPerUser: integer('runs_per_user'),
  runsPerOrganisation: integer('runs_per_organisation'),
  updatedAt: moment('updated_at').defaultNow().notNull(),
  updatedBy: text('updated_by'),
})

/** What owners of the installation did: to queues, to what the clock does, to each other. Of no organisation. */
export const operatorEvent = pgTable(
  'operator_event',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id'),
    action: text('action').notNull(),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAtColumn(),
  },
  (t) => [index('operator_event_newest').on(t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())],
)

/**
 * People who see to the whole installation: its jobs, its workers. The first who signs up is one; others are named on the
 * machine (`quarry operators`). Not a tenant table.
 */
export const installationOwner = pgTable('installation_owner', {
  userId: uuid('user_id').primaryKey(),
  grantedAt: moment('granted_at').defaultNow().notNull(),
  /** Null: was the first. */
  grantedBy: text('granted_by'),
})

/**
 * Organisations whose rows, bytes, keys and jobs are being deleted, or were: what the operator is left with. Ids, times
 * and counts, no name. Not a tenant table: it is there when the tenant is gone, and opens `audit_event` to the deletion.
 */
export const organisationDeletion = pgTable('organisation_deletion', {
  subjectId: uuid('subject_id').primaryKey(),
  closedAt: moment('closed_at').notNull(),
  beganAt: moment('began_at').defaultNow().notNull(),
  /** Nothing was left then. */
  finishedAt: moment('finished_at'),
  /** Who wrote at that moment may have come late: it is looked again for a day. */
  lookedAt: moment('looked_at'),
  /** What went, by kind. */
  counts: jsonb('counts').$type<Record<string, number>>().notNull().default({}),
})

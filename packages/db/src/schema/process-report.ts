import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { moment } from './columns.ts'

/**
 * Not a tenant table: what each process says of itself every 15 s, for who looks after the installation and has no
 * Prometheus. Figures are numbers under names of ours, and nothing of anybody: see packages/core/src/processes/figures.ts.
 */
export const processReport = pgTable(
  'process_report',
  {
    /** Another one after each start, so that what a process counts never goes back. */
    process: text('process').notNull(),
    /** By the database's clock, which all processes share. */
    at: moment('at').defaultNow().notNull(),
    kind: text('kind', { enum: ['web', 'worker'] }).notNull(),
    /** PROCESS_INDEX: tells those of one machine apart. */
    index: integer('index').notNull(),
    host: text('host').notNull(),
    build: text('build').notNull(),
    startedAt: moment('started_at').notNull(),
    figures: jsonb('figures').$type<Record<string, unknown>>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.process, t.at] }),
    // The last hour or day of all of them, and what is older.
    index('process_report_age').on(t.at),
    // Four a minute of each process for a day: what has no bound fills the disk.
    check('process_report_is_small', sql`octet_length(figures::text) <= 4096`),
  ],
)

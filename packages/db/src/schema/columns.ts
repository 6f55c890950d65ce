import { timestamp, uuid } from 'drizzle-orm/pg-core'

/** Every tenant table starts with this column, and has it in its primary, unique and foreign keys. */
export const orgIdColumn = () => uuid('org_id').notNull()
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
export const createdAtColumn = () => moment('created_at').defaultNow().notNull()

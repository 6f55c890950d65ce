import { sql } from 'drizzle-orm'
import journal from '../migrations/meta/_journal.json' with { type: 'json' }
import type { SystemTx } from './tenant.ts'

const NEWEST_MIGRATION = Math.max(...journal.entries.map((entry) => entry.when))

export interface DatabaseReadiness {
  /** A standby, or a server that was told to write nothing. */
  readonly readOnly: boolean
  /** Whether it has the tables that this version needs; a newer version's do as well. */
  readonly migrated: boolean
}

/** What a server must be before this process can work with it. One statement. */
export const readDatabaseReadiness = async (tx: SystemTx): Promise<DatabaseReadiness> => {
  const [row] = (await tx.execute(sql`
    select current_setting('transaction_read_only') = 'on' as "readOnly", max(created_at)::text as newest
    from drizzle.__drizzle_migrations`)) as { readOnly: boolean; newest: string | null }[]
  return { readOnly: row?.readOnly === true, migrated: Number(row?.newest ?? 0) >= NEWEST_MIGRATION }
}

import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { DatabaseAdapter } from '@quarry/config'
import { ownerClient } from '../client/owner-client.ts'
import { MIGRATIONS_FOLDER } from '../migrate.ts'

/** Digests of this version's migrations, oldest first. */
export const knownMigrations = (): string[] =>
  readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map(({ hash }) => hash)

/**
 * Digests of the migrations that a database has, oldest first; none when it is empty. As its owner, or, where nobody says
 * how to be that, as whoever sweeps.
 */
export const appliedMigrations = async (adapter: DatabaseAdapter): Promise<string[]> => {
  const sql = ownerClient(adapter)
  try {
    return await sql.begin(async (tx) => {
      // A database that has no such role is none of ours, or an empty one: its owner is asked.
      if (adapter.kind === 'postgres' && adapter.ownerUrl === null)
        await tx.unsafe(`select set_config('role', 'app_system', true) where to_regrole('app_system') is not null`)
      const [there] = await tx.unsafe(`select to_regclass('drizzle.__drizzle_migrations')::text as name`)
      if (there?.['name'] == null) return []
      const rows = await tx.unsafe<{ hash: string }[]>('select hash from drizzle.__drizzle_migrations order by id')
      return rows.map(({ hash }) => hash)
    })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** How a database, or a backup, stands to this version. */
export type SchemaAge = 'same' | 'older' | 'newer'

export const schemaAge = (applied: readonly string[]): SchemaAge => {
  const known = knownMigrations()
  if (applied.some((hash, i) => hash !== known[i])) return 'newer'
  return applied.length === known.length ? 'same' : 'older'
}

import { DatabaseError, readDatabaseReadiness, type Database } from '@quarry/db'

type Part = { readonly name: string; readonly ok: boolean; readonly detail: string }

/** SQLSTATEs of a database whose tables or rights are of a time before there was anything to ask. */
const OF_ANOTHER_TIME = new Set(['42501', '42P01', '3F000'])

/** Whether the database answers, takes writes, and has the tables of this version. Throws when it does not answer. */
export const databaseParts = async (database: Pick<Database, 'system'>): Promise<Part[]> => {
  const { readOnly, migrated } = await database
    .system((tx) => readDatabaseReadiness(tx))
    .catch((error: unknown) => {
      if (error instanceof DatabaseError && OF_ANOTHER_TIME.has(error.code)) return { readOnly: false, migrated: false }
      throw error
    })
  return [
    {
      name: 'database',
      ok: !readOnly,
      detail: readOnly ? 'takes no writes: it is a standby, or was made read-only' : 'ok',
    },
    {
      name: 'migrations',
      ok: migrated,
      detail: migrated ? 'ok' : 'not all applied: run `npm start` once where the owner’s address is set',
    },
  ]
}

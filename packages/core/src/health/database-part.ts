import { DatabaseError, readDatabaseReadiness, type Database, type DatabaseReadiness } from '@quarry/db'
import { isUnavailable } from '../unavailable.ts'

type Part = { readonly name: string; readonly ok: boolean; readonly detail: string }

/** SQLSTATEs of a database whose tables or rights are of a time before there was anything to ask. */
const OF_ANOTHER_TIME = new Set(['42501', '42P01', '3F000'])

/**
 * Whether the database answers, takes writes, and has the tables of this version. Throws when it does not answer. One that
 * is only busy is ready: a balancer that took it away would give its load to the others.
 */
export const databaseParts = async (database: Pick<Database, 'system' | 'ping'>): Promise<Part[]> => {
  const reading = database.system((tx) => readDatabaseReadiness(tx))
  const [read, pinged] = await Promise.allSettled([reading, database.ping()])
  const { readOnly, migrated } = read.status === 'fulfilled' ? read.value : inPlaceOf(read.reason, pinged)
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

/** What is known where the look itself failed. Throws why it did where that says nothing. */
const inPlaceOf = (error: unknown, pinged: PromiseSettledResult<void>): DatabaseReadiness => {
  if (error instanceof DatabaseError && OF_ANOTHER_TIME.has(error.code)) return { readOnly: false, migrated: false }
  const isBusy = isUnavailable(error) && pinged.status === 'fulfilled'
  if (isBusy) return { readOnly: false, migrated: true }
  throw error
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Adapters, DatabaseAdapter } from '@quarry/config'
import { DatabaseError } from '@quarry/db'
import { isServed } from '@quarry/db/embedded'
import { withDatabase } from '../transfer/installation.ts'
import { TransferRefusal } from '../transfer/refusal.ts'

/** Its database opens in 0.5 s, in 3 s the first time. */
const STARTING_MS = 5_000
const POLL_MS = 100

/** What PostgreSQL says of a table or a column that a later version has. */
const UNKNOWN = new Set(['42P01', '42703'])

/**
 * Runs `work` with the database of an installation, whether Quarry runs or not: through its own socket where the
 * embedded database runs, else that is started for it, and stopped afterwards. `isHeld`: another process has the data
 * folder, so that nothing may be started on it. Throws TransferRefusal with a line for the person.
 */
export const withRunningDatabase = async <T>(
  adapters: Pick<Adapters, 'database' | 'dataDir'>,
  isHeld: boolean,
  work: (database: DatabaseAdapter) => Promise<T>,
): Promise<T> => {
  const { database, dataDir } = adapters
  try {
    if (database.kind === 'postgres' || (await isServedSoon(database, isHeld ? STARTING_MS : 0)))
      return await work(database)
    if (isHeld) throw new TransferRefusal(`Quarry is starting or stopping on ${dataDir}. Try again in a moment.`)
    return await withDatabase(adapters, work)
  } catch (error) {
    if (!(error instanceof DatabaseError) || !UNKNOWN.has(error.code)) throw error
    throw new TransferRefusal('The database is older than this version. Start Quarry once, then try again.', error)
  }
}

const isServedSoon = async (adapter: DatabaseAdapter & { kind: 'embedded' }, withinMs: number): Promise<boolean> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    if (await isServed(adapter)) return true
    if (performance.now() >= deadline) return false
    await pause(POLL_MS)
  }
}

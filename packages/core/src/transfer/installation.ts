import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Adapters, DatabaseAdapter } from '@quarry/config'
import { startEmbedded } from '@quarry/db/embedded'
import { reasonOf, TransferRefusal } from './refusal.ts'

/** A command that was killed leaves its database process behind for as long as that takes to close its files. */
const PREDECESSOR_MS = 10_000
const RETRY_MS = 200

/**
 * Runs `work` with the database of an installation: the embedded one is started for it, and stopped afterwards. Nothing
 * else may run on the data folder; boot's lock sees to that, and the socket of the database once more.
 */
export const withDatabase = async <T>(
  adapters: Pick<Adapters, 'database' | 'dataDir'>,
  work: (database: DatabaseAdapter) => Promise<T>,
  options: { readonly mayBeNew: boolean } = { mayBeNew: false },
): Promise<T> => {
  if (adapters.database.kind === 'postgres') return work(adapters.database)
  if (!options.mayBeNew && !existsSync(adapters.database.filesDir))
    throw new TransferRefusal(
      `There is no database in ${adapters.dataDir}. Set QUARRY_DATA to the folder of the installation, or DATABASE_URL.`,
    )
  const embedded = await start(adapters.dataDir)
  try {
    return await work(embedded.adapter)
  } finally {
    await embedded.stop()
  }
}

const start = async (dataDir: string) => {
  const deadline = performance.now() + PREDECESSOR_MS
  for (;;) {
    try {
      return await startEmbedded(dataDir)
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('already serves')
      if (isTaken && performance.now() < deadline) await pause(RETRY_MS)
      else if (isTaken) throw new TransferRefusal(`Quarry runs on ${dataDir}. Stop it first.`, error)
      else throw new TransferRefusal(`The embedded database in ${dataDir} does not start: ${reasonOf(error)}`, error)
    }
  }
}

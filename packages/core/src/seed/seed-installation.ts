import { openBlobStore } from '@quarry/blobs'
import type { Adapters } from '@quarry/config'
import { migrate } from '@quarry/db/migrate'
import { withDatabase } from '../transfer/installation.ts'
import { seedDatabase, type SeedOptions, type SeedReport } from './seed-database.ts'

/**
 * `seedDatabase` for an installation that is not running, or (PostgreSQL) that is: migrated first, with the documents'
 * files in its blob store. Throws TransferRefusal with the line that the person reads.
 */
export const seedInstallation = (
  adapters: Pick<Adapters, 'database' | 'dataDir' | 'blobs'>,
  { files, ...options }: Omit<SeedOptions, 'blobs'> & { readonly files: boolean },
): Promise<SeedReport> =>
  withDatabase(
    adapters,
    async (database) => {
      await migrate(database)
      return seedDatabase(database, { ...options, ...(files ? { blobs: openBlobStore(adapters.blobs) } : {}) })
    },
    { mayBeNew: true },
  )

import { openBlobStore } from '@quarry/blobs'
import type { Adapters } from '@quarry/config'
import { sumRows } from './copy-rows.ts'
import { withDatabase } from './installation.ts'
import { openLiveSource } from './live-source.ts'
import { plannedReport, type TransferReport } from './report.ts'
import { refuseExisting, writeBackup, type BackupOptions } from './write-backup.ts'

/**
 * Writes the installation of this environment into a folder or a file. On PostgreSQL while it runs: one snapshot of the
 * database, and then the files that it names. The embedded database has to be stopped, because it has one session.
 */
export const backUp = async (
  from: Adapters,
  options: Omit<BackupOptions, 'dataDir'> & { readonly dryRun: boolean },
): Promise<TransferReport> => {
  await refuseExisting(options.to)
  return withDatabase(from, async (database) => {
    const source = await openLiveSource(database, openBlobStore(from.blobs))
    try {
      if (!options.dryRun) return await writeBackup(source, { ...options, dataDir: from.dataDir })
      const tables = await sumRows(source, options.watcher)
      return plannedReport(source.organisations.length, tables, { count: (await source.blobs()).length })
    } finally {
      source.close()
    }
  })
}

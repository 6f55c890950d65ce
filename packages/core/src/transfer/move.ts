import { openBlobStore } from '@quarry/blobs'
import type { Adapters, BlobAdapter, DatabaseAdapter } from '@quarry/config'
import { otherQuarries } from '@quarry/db/transfer'
import { sumRows } from './copy-rows.ts'
import { checkTarget, fillTarget, type FillOptions } from './fill-target.ts'
import { withDatabase } from './installation.ts'
import { openLiveSource } from './live-source.ts'
import { TransferRefusal } from './refusal.ts'
import { plannedReport, type TransferReport } from './report.ts'

export interface MoveOptions extends FillOptions {
  readonly database: DatabaseAdapter & { kind: 'postgres' }
  /** Null: the files stay where they are. */
  readonly blobs: BlobAdapter | null
  /** Count and check, and write nothing. */
  readonly dryRun: boolean
}

/** Copies the installation of this environment into another database, and its files into another store. */
export const moveInstallation = (from: Adapters, options: MoveOptions): Promise<TransferReport> =>
  withDatabase(from, async (database) => {
    const store = openBlobStore(from.blobs)
    const source = await openLiveSource(database, store)
    try {
      const others = await otherQuarriesOn(database, source)
      if (others > 0)
        throw new TransferRefusal(
          `Quarry still uses the database to move (${others} connections). Stop it everywhere first, so that nothing is written that would stay behind.`,
        )
      const target = { database: options.database, store: openBlobStore(options.blobs ?? from.blobs) }
      if (!options.dryRun) {
        const files = options.blobs === null ? { ...source, blobs: () => Promise.resolve([]) } : source
        return await fillTarget(files, target, options)
      }
      await checkTarget(target, options.resume)
      const tables = await sumRows(source, options.watcher)
      return plannedReport(source.organisations.length, tables, { count: (await source.blobs()).length })
    } finally {
      source.close()
    }
  })

const otherQuarriesOn = (
  database: DatabaseAdapter,
  { session }: { readonly session: Parameters<typeof otherQuarries>[0] },
): Promise<number> => (database.kind === 'postgres' ? otherQuarries(session) : Promise.resolve(0))

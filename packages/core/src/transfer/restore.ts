import { constants, existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openBlobStore } from '@quarry/blobs'
import type { Adapters } from '@quarry/config'
import { openBackup, verifyBackup } from './backup-source.ts'
import { SECRET_FILES, tablesOf } from './backup-manifest.ts'
import { checkTarget, fillTarget, type FillOptions } from './fill-target.ts'
import { withDatabase } from './installation.ts'
import { TransferRefusal } from './refusal.ts'
import { plannedReport, type TransferReport } from './report.ts'
import { isTar, unpackFile } from './tar.ts'

export interface RestoreOptions extends FillOptions {
  /** A folder or a .tar file that `backUp` wrote. */
  readonly from: string
  readonly dryRun: boolean
}

/** Fills the empty installation of this environment from a backup, which is read and checked as a whole before. */
export const restoreInstallation = async (into: Adapters, options: RestoreOptions): Promise<TransferReport> =>
  withFolder(options, into.dataDir, async (folder) => {
    const source = await openBackup(folder)
    await verifyBackup(folder, options.watcher, options.signal)
    const isFresh = into.database.kind === 'postgres' || !existsSync(into.database.filesDir)
    if (!isFresh && !options.resume && options.dryRun)
      throw new TransferRefusal(`There is a database in ${into.dataDir} already. Set QUARRY_DATA to another folder.`)
    if (options.dryRun) {
      const { rows, blobs, organisations } = source.manifest
      return plannedReport(organisations.length, tablesOf(rows), { count: blobs.count, bytes: blobs.bytes })
    }
    return withDatabase(
      into,
      async (database) => {
        const target = { database, store: openBlobStore(into.blobs) }
        await checkTarget(target, options.resume)
        // Before the rows: what is complete must not lack the secret of its sessions.
        if (database.kind === 'embedded') await restoreSecrets(folder, into.dataDir)
        return fillTarget(source, target, options)
      },
      { mayBeNew: true },
    )
  })

/** A file is unpacked beside the data, where there must be room for the installation anyway. */
const withFolder = async <T>(
  { from, signal }: RestoreOptions,
  dataDir: string,
  work: (folder: string) => Promise<T>,
): Promise<T> => {
  if ((await stat(from).catch(() => null)) === null) throw new TransferRefusal(`${from} is not there.`)
  if (!isTar(from)) return work(from)
  await mkdir(dirname(dataDir), { recursive: true })
  const folder = await mkdtemp(`${dataDir}.unpacked-`)
  try {
    await unpackFile(from, folder, signal)
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** With its own secret the restored installation knows its sessions again. What is there already stays. */
const restoreSecrets = async (folder: string, dataDir: string): Promise<void> => {
  for (const name of SECRET_FILES) {
    const target = join(dataDir, name)
    if (!existsSync(join(folder, name)) || existsSync(target)) continue
    await copyFile(join(folder, name), target, constants.COPYFILE_EXCL)
    await chmod(target, 0o600)
  }
}

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openBlobStore } from '@quarry/blobs'
import type { Adapters, DatabaseAdapter } from '@quarry/config'
import { copyEmbeddedFiles, startEmbedded } from '@quarry/db/embedded'
import { verifyBackup } from '../transfer/backup-source.ts'
import { openLiveSource } from '../transfer/live-source.ts'
import { TransferRefusal } from '../transfer/refusal.ts'
import type { TransferReport, TransferWatcher } from '../transfer/report.ts'
import { writeBackup } from '../transfer/write-backup.ts'
import type { CronTask } from './task.ts'

/**
 * `quarry-2026-11-23T02-20-00-123Z`: sorts by time, and no file system minds it. To the millisecond: a small installation
 * is backed up twice in a second. Older releases named them to the second.
 */
const STAMP = String.raw`quarry-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d{3})?Z`
const NAME = new RegExp(`^${STAMP}$`)
const UNFINISHED = new RegExp(String.raw`^${STAMP}\.unfinished-\d+$`)
const COPY_OF_DATABASE = '.copy-'
const nameOf = (at: Date): string => `quarry-${at.toISOString().replaceAll(/[.:]/g, '-')}`

/** Nobody watches. */
const watcher: TransferWatcher = { step: () => undefined, note: () => undefined }

/**
 * Writes a backup as `quarry backup` does, reads it again as `quarry restore` would, and only then deletes the oldest.
 * On PostgreSQL from one snapshot, while everything runs. The embedded database has one session, which a snapshot would
 * keep from everybody for as long as the backup takes: there its files are copied, which takes a moment, and the backup is
 * made at leisure from the copy, served by a process of its own.
 */
export const backUpByClock: CronTask = async ({ adapters }, signal) => {
  const { backup } = adapters
  if (backup === null)
    throw new TransferRefusal('No backup was written: set BACKUP_FOLDER to the folder for it, and start again.')
  const { folder, keep } = backup
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await removeLeftovers(folder)
  const to = join(folder, nameOf(new Date()))
  const report = await withStillDatabase(adapters, folder, signal, (database) =>
    writeFrom(database, adapters, to, signal),
  )
  try {
    await verifyBackup(to, watcher, signal)
  } catch (error) {
    // It would push out one that is whole.
    await rm(to, { recursive: true, force: true })
    throw error
  }
  const { rows, blobs } = report
  return {
    rows,
    files: blobs.count,
    bytes: blobs.bytes,
    missing: blobs.missing.length,
    damaged: blobs.damaged.length,
    deleted: await prune(folder, keep),
  }
}

const writeFrom = async (
  database: DatabaseAdapter,
  { blobs, dataDir }: Adapters,
  to: string,
  signal: AbortSignal,
): Promise<TransferReport> => {
  const source = await openLiveSource(database, openBlobStore(blobs))
  try {
    return await writeBackup(source, { to, dataDir, watcher, signal })
  } finally {
    source.close()
  }
}

/** Runs `work` with a database that nobody writes to any more, or that can be seen as it is at one moment. */
const withStillDatabase = async <T>(
  { database }: Adapters,
  folder: string,
  signal: AbortSignal,
  work: (database: DatabaseAdapter) => Promise<T>,
): Promise<T> => {
  if (database.kind === 'postgres') return work(database)
  // Beside the backup: there must be room for its rows there anyway.
  const copy = await mkdtemp(join(folder, COPY_OF_DATABASE))
  try {
    await copyEmbeddedFiles(database, copy, signal)
    const embedded = await startEmbedded(copy)
    try {
      return await work(embedded.adapter)
    } finally {
      await embedded.kill()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/** Of a worker that died: no two write at the same time. */
const removeLeftovers = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder))
    if (UNFINISHED.test(name) || name.startsWith(COPY_OF_DATABASE))
      await rm(join(folder, name), { recursive: true, force: true })
}

/** The newest stay. Returns how many went; what is called otherwise is nobody's business here. */
const prune = async (folder: string, keep: number): Promise<number> => {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).toSorted()
  const old = names.slice(0, Math.max(0, names.length - keep))
  for (const name of old) await rm(join(folder, name), { recursive: true, force: true })
  return old.length
}

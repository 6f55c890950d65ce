import { copyFile, chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openFileBlobStore } from '@quarry/blobs'
import { addRows, NO_ROWS, NOTHING_WRITTEN, scopesOf, type CopyTable } from '@quarry/db/transfer'
import type { OrgId } from '@quarry/contracts'
import {
  BACKUP_FORMAT,
  BLOB_LIST_FILE,
  MANIFEST_FILE,
  SECRET_FILES,
  tablesOf,
  type BackupManifest,
} from './backup-manifest.ts'
import { copyBlobs } from './copy-blobs.ts'
import { writeHashed } from './hashed-file.ts'
import { TransferRefusal } from './refusal.ts'
import { rowsOf, type BlobReport, type TransferReport, type TransferWatcher } from './report.ts'
import type { RowSource } from './row-source.ts'
import { isTar, packFolder } from './tar.ts'

export interface BackupOptions {
  /** The folder, or the .tar file, to make. */
  readonly to: string
  /** Where the secrets of the installation are. */
  readonly dataDir: string
  readonly watcher: TransferWatcher
  readonly signal: AbortSignal
}

type RowsFile = BackupManifest['rows'][number]

/**
 * Writes everything into a folder of another name, which gets its own name when it is complete: what is there under that
 * name is whole. Rows first, then the files that they name, as far as they are there.
 */
export const writeBackup = async (source: RowSource, options: BackupOptions): Promise<TransferReport> => {
  const startedAt = performance.now()
  const { to, watcher, signal } = options
  const draft = `${to}.unfinished-${process.pid}`
  await mkdir(dirname(to), { recursive: true })
  await mkdir(draft, { mode: 0o700 })
  try {
    const rows = await writeRows(source, draft, watcher, signal)
    const blobs = await copyBlobs(source, openFileBlobStore(draft), watcher, signal)
    const manifest = await describe(source, draft, rows, blobs)
    await copySecrets(options.dataDir, draft)
    // Last: without it nothing takes the folder for a backup.
    await writeFile(join(draft, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true })
    if (isTar(to)) {
      await packFolder(draft, `${draft}.tar`, signal)
      await rename(`${draft}.tar`, to)
    } else await rename(draft, to)
    const tables = tablesOf(rows)
    return {
      organisations: source.organisations.length,
      rows: rowsOf(tables),
      tables,
      blobs,
      requeued: 0,
      resumed: false,
      seconds: Math.round(performance.now() - startedAt) / 1000,
    }
  } finally {
    await rm(draft, { recursive: true, force: true })
    await rm(`${draft}.tar`, { force: true })
  }
}

/** Nothing is overwritten, and nobody waits for a copy that has no place to go. */
export const refuseExisting = async (to: string): Promise<void> => {
  const there = await stat(to).catch(() => null)
  if (there !== null) throw new TransferRefusal(`${to} is there already. Name a folder or a file that is not.`)
}

const writeRows = async (
  source: RowSource,
  folder: string,
  watcher: TransferWatcher,
  signal: AbortSignal,
): Promise<RowsFile[]> => {
  const files: RowsFile[] = []
  let done = 0
  for (const table of source.tables) {
    for (const orgId of scopesOf(table, source.organisations)) {
      let sum = NO_ROWS
      const lines = async function* () {
        for await (const { rows, digests } of source.batches(table, orgId, NOTHING_WRITTEN)) {
          signal.throwIfAborted()
          sum = addRows(sum, digests)
          done += rows.length
          watcher.step({ what: 'rows', at: table.name, done, total: null })
          yield `${rows.join('\n')}\n`
        }
      }
      const path = pathOf(table, orgId)
      const sha256 = await writeHashed(join(folder, path), lines(), { gzip: true })
      if (sum.rows === 0) await rm(join(folder, path))
      else files.push({ path, sha256, table: table.name, organisation: orgId, ...sum })
    }
  }
  return files
}

const pathOf = (table: CopyTable, orgId: OrgId | null): string => `rows/${orgId ?? 'all'}/${table.name}.jsonl.gz`

const describe = async (
  source: RowSource,
  folder: string,
  rows: RowsFile[],
  blobs: BlobReport,
): Promise<BackupManifest> => {
  const absent = new Set([...blobs.missing, ...blobs.damaged])
  const keys = (await source.blobs()).map(({ key }) => key).filter((key) => !absent.has(key))
  const list = async function* () {
    for (const key of keys) yield `${JSON.stringify(key)}\n`
  }
  return {
    format: BACKUP_FORMAT,
    createdAt: new Date().toISOString(),
    migrations: [...source.migrations],
    organisations: [...source.organisations],
    sequences: { ...source.sequences },
    tables: source.tables.map(({ name, quoted, isTenant, columns, key }) => ({
      name,
      quoted,
      isTenant,
      columns: [...columns],
      key: [...key],
    })),
    rows,
    blobs: {
      path: BLOB_LIST_FILE,
      sha256: await writeHashed(join(folder, BLOB_LIST_FILE), list(), { gzip: false }),
      count: blobs.count,
      bytes: blobs.bytes,
    },
  }
}

const copySecrets = async (dataDir: string, folder: string): Promise<void> => {
  for (const name of SECRET_FILES) {
    const there = await stat(join(dataDir, name)).catch(() => null)
    if (there === null) continue
    await copyFile(join(dataDir, name), join(folder, name))
    await chmod(join(folder, name), 0o600)
  }
}

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { openFileBlobStore, requireBlobKey, sha256Of } from '@quarry/blobs'
import { orgId as orgIdSchema, type OrgId } from '@quarry/contracts'
import {
  addRows,
  NO_ROWS,
  schemaAge,
  TREATMENT,
  type CopyTable,
  type Progress,
  type RowBatch,
  type RowSum,
} from '@quarry/db/transfer'
import { BACKUP_FORMAT, backupManifest, MANIFEST_FILE, type BackupManifest } from './backup-manifest.ts'
import { hashOf } from './hashed-file.ts'
import { TransferRefusal } from './refusal.ts'
import type { TransferWatcher } from './report.ts'
import type { RowSource, SourceBlob } from './row-source.ts'

/** As large as the batches that are read from a database. */
const BATCH_BYTES = 1024 * 1024
const BATCH_ROWS = 2_000

/** Opens a backup in a folder. Throws TransferRefusal where it is none, or one of a newer version. */
export const openBackup = async (folder: string): Promise<RowSource & { readonly manifest: BackupManifest }> => {
  const manifest = await readManifest(folder)
  const tables = manifest.tables.map((table): CopyTable => {
    if (TREATMENT[table.name]?.kind !== 'copied')
      throw new TransferRefusal(`The backup has a table ${table.name} that this version of Quarry does not know.`)
    return table
  })
  const organisations = manifest.organisations.map((id) => orgIdSchema.parse(id))
  const linesOf = (table: CopyTable, orgId: OrgId | null): AsyncIterable<string> => {
    const file = manifest.rows.find((one) => one.table === table.name && one.organisation === orgId)
    return file === undefined ? noLines() : readLines(join(folder, file.path))
  }
  return {
    manifest,
    tables,
    organisations,
    sequences: manifest.sequences,
    migrations: manifest.migrations,
    store: openFileBlobStore(folder),
    batches: (table, orgId, from) => inBatches(linesOf(table, orgId), from),
    sumUpTo: (table, orgId, from) => sumOfFirst(linesOf(table, orgId), from),
    blobs: async () => {
      const text = await readFile(join(folder, manifest.blobs.path), 'utf8')
      return text.split('\n').flatMap((line): SourceBlob[] => {
        if (line === '') return []
        const key = String(JSON.parse(line))
        requireBlobKey(key)
        return [{ key }]
      })
    },
  }
}

const readManifest = async (folder: string): Promise<BackupManifest> => {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch((error: unknown) => {
    throw new TransferRefusal(`${folder} is no backup: it has no ${MANIFEST_FILE}.`, error)
  })
  const parsed = backupManifest.safeParse(parseJson(text))
  if (!parsed.success) throw new TransferRefusal(`The ${MANIFEST_FILE} of the backup is damaged.`, parsed.error)
  if (parsed.data.format > BACKUP_FORMAT || schemaAge(parsed.data.migrations) === 'newer')
    throw new TransferRefusal('The backup was written by a newer version of Quarry. Use that version to restore it.')
  return parsed.data
}

/** Reads the whole backup and compares it with what it says of itself. Throws TransferRefusal with the first difference. */
export const verifyBackup = async (folder: string, watcher: TransferWatcher, signal: AbortSignal): Promise<void> => {
  const backup = await openBackup(folder)
  const { manifest } = backup
  const damaged = (path: string) =>
    new TransferRefusal(`The backup is damaged: ${path} is not what was written. Nothing has been restored.`)
  for (const { path, sha256 } of [...manifest.rows, manifest.blobs]) {
    signal.throwIfAborted()
    watcher.step({ what: 'checking', at: path, done: 0, total: null })
    if ((await hashOf(join(folder, path)).catch(() => '')) !== sha256) throw damaged(path)
  }
  const keys = await backup.blobs()
  if (keys.length !== manifest.blobs.count) throw damaged(manifest.blobs.path)
  for (const [at, { key }] of keys.entries()) {
    signal.throwIfAborted()
    watcher.step({ what: 'checking', at: key, done: at + 1, total: keys.length })
    const path = join('blobs', key)
    if ((await hashOf(join(folder, path)).catch(() => '')) !== sha256Of(key)) throw damaged(path)
  }
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

async function* inBatches(lines: AsyncIterable<string>, from: Progress): AsyncGenerator<RowBatch> {
  let skipped = 0
  let rows: string[] = []
  let bytes = 0
  const batch = (): RowBatch => ({ rows, digests: rows.map(md5), next: [] })
  for await (const line of lines) {
    if (skipped < from.rows) {
      skipped += 1
      continue
    }
    rows.push(line)
    bytes += line.length
    if (rows.length < BATCH_ROWS && bytes < BATCH_BYTES) continue
    yield batch()
    rows = []
    bytes = 0
  }
  if (rows.length > 0) yield batch()
}

const sumOfFirst = async (lines: AsyncIterable<string>, from: Progress): Promise<RowSum> => {
  let sum = NO_ROWS
  for await (const line of lines) {
    if (!from.done && sum.rows === from.rows) break
    sum = addRows(sum, [md5(line)])
  }
  return sum
}

async function* readLines(path: string): AsyncGenerator<string> {
  const text = createGunzip()
  // Its errors are those of the stream that is read here.
  const piped = pipeline(createReadStream(path), text).catch(() => {})
  try {
    let rest = ''
    for await (const piece of text.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    text.destroy()
    await piped
  }
}

async function* noLines(): AsyncGenerator<string> {}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

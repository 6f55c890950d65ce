import type { DatabaseAdapter } from '@quarry/config'
import type { OrgId } from '@quarry/contracts'
import {
  addRows,
  emptyBook,
  emptyTarget,
  isSame,
  NOTHING_WRITTEN,
  readProgress,
  scopesOf,
  sumOfTable,
  writeBatch,
  type CopySession,
  type CopyTable,
  type ProgressBook,
} from '@quarry/db/transfer'
import { TransferRefusal } from './refusal.ts'
import { rowsOf, type TableReport, type TransferWatcher } from './report.ts'
import type { RowSource } from './row-source.ts'

type Scope = readonly [CopyTable, OrgId | null]

const scopesIn = (source: RowSource): Scope[] =>
  source.tables.flatMap((table) => scopesOf(table, source.organisations).map((orgId): Scope => [table, orgId]))

/**
 * Copies all rows in short transactions, each with a note of how far it is; what an interrupted copy wrote is gone on
 * with, if the source still has the same rows, and thrown away otherwise.
 */
export const copyRows = async (
  source: RowSource,
  target: DatabaseAdapter,
  session: CopySession,
  watcher: TransferWatcher,
  signal: AbortSignal,
): Promise<ProgressBook> => {
  let book = await readProgress(session)
  if (!(await isStillSame(source, book, watcher))) {
    watcher.note('What was to be copied has changed since the interruption: starting over.')
    await emptyTarget(target, source.tables)
    book = emptyBook()
  }
  let done = 0
  for (const [table, orgId] of scopesIn(source)) {
    let progress = book.get(table, orgId)
    done += progress.rows
    if (progress.done) continue
    for await (const { rows, digests, next } of source.batches(table, orgId, progress)) {
      signal.throwIfAborted()
      progress = { ...addRows(progress, digests), lastKey: next, done: false }
      await writeBatch(session, table, orgId, rows, progress)
      done += rows.length
      watcher.step({ what: 'rows', at: table.name, done, total: null })
    }
    if (progress.rows > 0) await writeBatch(session, table, orgId, [], { ...progress, done: true })
    book.set(table, orgId, { ...progress, done: true })
  }
  return book
}

const isStillSame = async (source: RowSource, book: ProgressBook, watcher: TransferWatcher): Promise<boolean> => {
  for (const [table, orgId] of scopesIn(source)) {
    const progress = book.get(table, orgId)
    if (progress.rows === 0) continue
    watcher.step({ what: 'checking', at: table.name, done: 0, total: null })
    if (!isSame(await source.sumUpTo(table, orgId, progress), progress)) return false
  }
  return true
}

/** Counts and adds up every table at the target, and compares it with what was read. Throws where they differ. */
export const compareRows = async (
  source: RowSource,
  session: CopySession,
  book: ProgressBook,
  watcher: TransferWatcher,
): Promise<TableReport[]> => {
  const reports: TableReport[] = []
  for (const [table, orgId] of scopesIn(source)) {
    const wanted = book.get(table, orgId)
    watcher.step({ what: 'comparing', at: table.name, done: rowsOf(reports), total: null })
    const found = await sumOfTable(session, table, orgId)
    if (!isSame(found, wanted))
      throw new TransferRefusal(
        `${table.name}${orgId === null ? '' : ` of organisation ${orgId}`} has ${found.rows} rows (${found.checksum}) where ${wanted.rows} (${wanted.checksum}) were read. Nothing may use this copy: start over with an empty database.`,
      )
    if (found.rows > 0) reports.push({ table: table.name, organisation: orgId, ...found })
  }
  return reports
}

/** Counts and adds up the rows of a source, and writes nothing. */
export const sumRows = async (source: RowSource, watcher: TransferWatcher): Promise<TableReport[]> => {
  const reports: TableReport[] = []
  for (const [table, orgId] of scopesIn(source)) {
    const sum = await source.sumUpTo(table, orgId, { ...NOTHING_WRITTEN, done: true })
    watcher.step({ what: 'checking', at: table.name, done: rowsOf(reports), total: null })
    if (sum.rows > 0) reports.push({ table: table.name, organisation: orgId, ...sum })
  }
  return reports
}

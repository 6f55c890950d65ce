import type { BlobStore } from '@quarry/blobs'
import type { DatabaseAdapter } from '@quarry/config'
import { migrate } from '@quarry/db/migrate'
import {
  beginTarget,
  CopySession,
  finishTarget,
  isHeldByPolicies,
  readTargetState,
  type TargetState,
} from '@quarry/db/transfer'
import { copyBlobs } from './copy-blobs.ts'
import { compareRows, copyRows } from './copy-rows.ts'
import { reasonOf, TransferRefusal } from './refusal.ts'
import { rowsOf, type TransferReport, type TransferWatcher } from './report.ts'
import type { RowSource } from './row-source.ts'
import { closeHistory, wakeWork } from './wake-work.ts'

export interface Target {
  readonly database: DatabaseAdapter
  readonly store: BlobStore
}

export interface FillOptions {
  /** Go on with what an interrupted copy wrote. */
  readonly resume: boolean
  readonly watcher: TransferWatcher
  readonly signal: AbortSignal
}

/** Refuses a target that has something in it, or an unfinished copy that nobody asked to go on with. */
export const checkTarget = async ({ database, store }: Target, resume: boolean): Promise<TargetState> => {
  const state = await readTargetState(database).catch((error: unknown) => {
    throw new TransferRefusal(`The database to fill cannot be opened as its owner: ${reasonOf(error)}`, error)
  })
  if (state === 'occupied')
    throw new TransferRefusal(
      'The database to fill has accounts in it already. Use an empty one: nothing is overwritten.',
    )
  if (state === 'unfinished' && !resume)
    throw new TransferRefusal(
      'An earlier copy into this database was interrupted. Add --resume to go on with it, or use an empty database.',
    )
  if (state === 'empty' && resume)
    throw new TransferRefusal('There is nothing to resume: the database to fill is empty. Leave --resume out.')
  await store.check().catch((error: unknown) => {
    throw new TransferRefusal(`The place for the files cannot be written: ${reasonOf(error)}`, error)
  })
  return state
}

/**
 * Fills an empty database and store from a source: files first, so that no row ever refers to one that is not there, then
 * rows; then everything is counted and added up again. Until the end the database says that it is unfinished, and no
 * Quarry starts on it. The source is only read.
 */
export const fillTarget = async (source: RowSource, target: Target, options: FillOptions): Promise<TransferReport> => {
  const { watcher, signal } = options
  const startedAt = performance.now()
  const state = await checkTarget(target, options.resume)
  const { database } = target
  await migrate(database, { upTo: source.migrations.length, intoUnfinished: true })
  const session = await openWriter(database)
  try {
    if (state === 'empty') await beginTarget(database)
    const blobs = await copyBlobs(source, target.store, watcher, signal)
    const book = await copyRows(source, database, session, watcher, signal)
    const tables = await compareRows(source, session, book, watcher)
    // An older backup is brought up to date only now, that its rows have been compared.
    await migrate(database, { intoUnfinished: true })
    await finishTarget(database, source.sequences)
    // Both change rows, which a copy that is gone on with would compare: what a crash leaves undone here, the
    // reconciler of the new installation does.
    await closeHistory(database, source.organisations)
    const requeued = await wakeWork(database, source.organisations)
    return {
      organisations: source.organisations.length,
      rows: rowsOf(tables),
      tables,
      blobs,
      requeued,
      resumed: state === 'unfinished',
      seconds: Math.round(performance.now() - startedAt) / 1000,
    }
  } finally {
    session.close()
  }
}

const openWriter = async (database: DatabaseAdapter): Promise<CopySession> => {
  const session = await CopySession.open(database).catch((error: unknown) => {
    throw new TransferRefusal(
      `The role that Quarry connects as cannot log in: ${reasonOf(error)}. The tables are there now: give the role a password (ALTER ROLE login PASSWORD '…'), put it into the address, and start again.`,
      error,
    )
  })
  if (database.kind === 'postgres' && !(await isHeldByPolicies(session))) {
    session.close()
    throw new TransferRefusal(
      'The address to move to is that of a superuser, whom row-level security does not hold. Name the role `login` in it, and the owner with --owner-url.',
    )
  }
  return session
}

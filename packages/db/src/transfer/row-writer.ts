import type { DatabaseAdapter } from '@quarry/config'
import type { OrgId } from '@quarry/contracts'
import type { RunQuery } from '../client/transaction.ts'
import { ownerClient } from '../client/owner-client.ts'
import { NO_ROWS, type RowSum } from './checksum.ts'
import { quote, withRightsOn, type CopyTable } from './copy-table.ts'
import { insertRows } from './row-text.ts'
import type { CopySession } from './session.ts'
import { isUnfinished, markUnfinished, UNFINISHED_SCHEMA } from './unfinished.ts'

/** How far one table of one scope has been written. */
export interface Progress extends RowSum {
  readonly lastKey: readonly string[] | null
  readonly done: boolean
}

export const NOTHING_WRITTEN: Progress = { ...NO_ROWS, lastKey: null, done: false }

const scopeName = (orgId: OrgId | null): string => orgId ?? ''

/** How far each table of each scope is. */
export interface ProgressBook {
  get(table: CopyTable, orgId: OrgId | null): Progress
  set(table: CopyTable, orgId: OrgId | null, progress: Progress): void
}

export const emptyBook = (): ProgressBook => bookOf(new Map())

/** What an interrupted copy had written. */
export const readProgress = (session: CopySession): Promise<ProgressBook> =>
  session.run(null, async (query) => {
    const rows = (await query(
      `select scope, table_name as table, rows::text as rows, checksum, last_key as key, done from ${UNFINISHED_SCHEMA}.progress`,
      [],
      'rows',
    )) as { scope: string; table: string; rows: string; checksum: string; key: string | null; done: boolean }[]
    return bookOf(
      new Map(
        rows.map(({ scope, table, rows: count, checksum, key, done }) => {
          const lastKey = key === null ? null : (JSON.parse(key) as string[])
          return [`${scope} ${table}`, { rows: Number(count), checksum, lastKey, done }]
        }),
      ),
    )
  })

const bookOf = (entries: Map<string, Progress>): ProgressBook => {
  const nameOf = (table: CopyTable, orgId: OrgId | null) => `${scopeName(orgId)} ${table.name}`
  return {
    get: (table, orgId) => entries.get(nameOf(table, orgId)) ?? NOTHING_WRITTEN,
    set: (table, orgId, progress) => void entries.set(nameOf(table, orgId), progress),
  }
}

/** Writes rows, and how far it is now, in one transaction: so that a killed copy goes on exactly where it was. */
export const writeBatch = (
  session: CopySession,
  table: CopyTable,
  orgId: OrgId | null,
  rows: readonly string[],
  progress: Progress,
): Promise<void> => {
  const { text, params } = insertRows(table, rows)
  const insert = async (query: RunQuery) => {
    if (rows.length > 0) await withRightsOn(table, query, () => query(text, params, 'arrays'))
  }
  return session.run(orgId, insert, async (query) => {
    const lastKey = progress.lastKey === null ? null : JSON.stringify(progress.lastKey)
    await query(
      `insert into ${UNFINISHED_SCHEMA}.progress values ($1, $2, $3::bigint, $4, $5, $6::boolean)
       on conflict (scope, table_name) do update set rows = excluded.rows, checksum = excluded.checksum,
         last_key = excluded.last_key, done = excluded.done`,
      [scopeName(orgId), table.name, String(progress.rows), progress.checksum, lastKey, progress.done],
      'arrays',
    )
  })
}

export type TargetState = 'empty' | 'unfinished' | 'occupied'

/** Whether something may be written there. As the owner; a database without any schema is empty. */
export const readTargetState = async (adapter: DatabaseAdapter): Promise<TargetState> => {
  const sql = ownerClient(adapter)
  try {
    if (await isUnfinished(sql)) return 'unfinished'
    const [there] = await sql.unsafe(`select to_regclass('auth.organization')::text as name`)
    if (there?.['name'] == null) return 'empty'
    // Row-level security holds an owner back, but there is none on the accounts; every other row needs one of them.
    const [used] = await sql.unsafe(
      `select exists (select from auth."user") or exists (select from auth.organization) as used`,
    )
    return used?.['used'] === true ? 'occupied' : 'empty'
  } finally {
    await sql.end({ timeout: 5 })
  }
}

export const beginTarget = (adapter: DatabaseAdapter): Promise<void> => asOwner(adapter, markUnfinished)

/** Empties what an interrupted copy wrote: the source has changed since. */
export const emptyTarget = (adapter: DatabaseAdapter, tables: readonly CopyTable[]): Promise<void> =>
  asOwner(adapter, async (sql) => {
    await sql.unsafe(`truncate ${tables.map((table) => table.quoted).join(', ')}, ${UNFINISHED_SCHEMA}.progress`)
  })

/** Sets the sequences and takes the mark away: from here on it is an installation like any other. */
export const finishTarget = (adapter: DatabaseAdapter, sequences: Readonly<Record<string, string>>): Promise<void> =>
  asOwner(adapter, async (sql) => {
    for (const [name, value] of Object.entries(sequences)) {
      const regclass = name.split('.').map(quote).join('.')
      await sql.unsafe('select setval($1::regclass, greatest($2::bigint, 1))', [regclass, value])
    }
    await sql.unsafe(`drop schema ${UNFINISHED_SCHEMA} cascade`)
  })

/** Programs named quarry-… that are connected, other than this one: they would write while it is read. */
export const otherQuarries = (session: CopySession): Promise<number> =>
  session.run(null, async (query) => {
    const [row] = (await query(
      `select count(*)::text as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
         and application_name ~ '^quarry-(web|worker|queue) '`,
      [],
      'rows',
    )) as { n: string }[]
    return Number(row?.n ?? 0)
  })

/** Whether policies hold the role that this connection came as. */
export const isHeldByPolicies = (session: CopySession): Promise<boolean> =>
  session.run(null, async (query) => {
    const [row] = (await query(
      `select rolsuper or rolbypassrls as free from pg_roles where rolname = session_user`,
      [],
      'rows',
    )) as { free: boolean }[]
    return row?.free === false
  })

const asOwner = async <T>(
  adapter: DatabaseAdapter,
  work: (sql: ReturnType<typeof ownerClient>) => Promise<T>,
): Promise<T> => {
  const sql = ownerClient(adapter)
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

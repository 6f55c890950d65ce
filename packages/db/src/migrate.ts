import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runMigrations } from 'graphile-worker'
import { Pool } from 'pg'
import type postgres from 'postgres'
import type { DatabaseAdapter } from '@quarry/config'
import { EMBEDDED_PORT, EMBEDDED_USER } from './client/address.ts'
import { ownerClient } from './client/owner-client.ts'
import { takeSessionLock } from './session-lock.ts'
import { isUnfinished } from './transfer/unfinished.ts'

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url))

/** Any number, the same in every version: two migrators of one database must meet at the same lock. */
const MIGRATION_LOCK = 727_001
/** How long a migrator waits for another one to finish. */
const OTHER_MIGRATOR_MS = 120_000
/**
 * A migration that waits for a table holds up everybody who comes for it after that: it gives up before anybody has waited
 * for a second, lets them through, and tries again.
 */
const LOCK_TIMEOUT = '500ms'
/** With pauses of half a second on average: a minute, which outlives the longest statement of the product twice. */
const LOCK_ATTEMPTS = 60
const LOCK_PAUSE_MS = 500

export interface MigrateOptions {
  /** Only so many migrations, the oldest: for the rows of an older backup. */
  readonly upTo?: number
  /** Also where a copy is being written; anybody else would take half an installation for a whole one. */
  readonly intoUnfinished?: boolean
  /** Migrations of another version than this one's. */
  readonly folder?: string
}

/**
 * Brings the database to the newest schema: ours, then the job queue's. Safe to run by several processes at once on
 * PostgreSQL; the embedded database has one session, so there boot runs it alone.
 */
export const migrate = async (adapter: DatabaseAdapter, options: MigrateOptions = {}): Promise<void> => {
  const sql = ownerClient(adapter)
  try {
    if (options.intoUnfinished !== true && (await isUnfinished(sql)))
      throw new Error(
        'A move or a restore into this database has not ended. Start it again with --resume, or use another database.',
      )
    await takeSessionLock(sql, MIGRATION_LOCK, OTHER_MIGRATOR_MS)
    await sql.unsafe(`set lock_timeout = '${LOCK_TIMEOUT}'`)
    const folder = options.folder ?? MIGRATIONS_FOLDER
    const entries = journalOf(folder).entries.slice(0, options.upTo)
    // Each in a transaction of its own: Drizzle would hold the tables of the first until the last is through.
    const pending = await firstPending(sql, entries)
    for (let upTo = pending + 1; upTo < entries.length; upTo++)
      await withMigrations(folder, upTo, (migrationsFolder) => applyPatiently(sql, migrationsFolder))
    await withMigrations(folder, options.upTo, async (migrationsFolder) => {
      await applyPatiently(sql, migrationsFolder)
      await assertComplete(sql, migrationsFolder)
    })
    await installQueue(adapter, sql)
    await sql.unsafe(`select pg_advisory_unlock(${MIGRATION_LOCK})`)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

interface Journal {
  readonly entries: readonly { readonly when: number; readonly tag: string }[]
}
const journalOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as Journal

/** How many, the oldest first, are applied already: those that Drizzle would not look at again. */
const firstPending = async (sql: postgres.Sql, entries: Journal['entries']): Promise<number> => {
  const [table] = await sql.unsafe<{ there: boolean }[]>(
    `select to_regclass('drizzle.__drizzle_migrations') is not null as there`,
  )
  if (table?.there !== true) return 0
  const [row] = await sql.unsafe<{ newest: string | null }[]>(
    'select max(created_at) as newest from drizzle.__drizzle_migrations',
  )
  const newest = Number(row?.newest ?? 0)
  const at = entries.findIndex(({ when }) => when > newest)
  return at === -1 ? entries.length : at
}

const applyPatiently = async (sql: postgres.Sql, migrationsFolder: string): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      await applyMigrations(drizzle(sql), { migrationsFolder })
      return
    } catch (error) {
      if (sqlState(error) !== '55P03') throw error
      if (attempt === LOCK_ATTEMPTS)
        throw new Error(
          `A table that is changed was in use at each of ${LOCK_ATTEMPTS} attempts. End what holds it (pg_stat_activity: the ` +
            'oldest transactions), or try again when there is less to do; nothing of this migration was applied.',
          { cause: error },
        )
      // Not at a fixed pace: what it collides with may have one, too.
      await pause(LOCK_PAUSE_MS * (0.5 + Math.random()))
    }
  }
}

/** The migrations of `from`, or only the first so many of them, as a folder that Drizzle can read. */
const withMigrations = async (
  from: string,
  upTo: number | undefined,
  run: (folder: string) => Promise<void>,
): Promise<void> => {
  if (upTo === undefined) return run(from)
  const folder = mkdtempSync(join(tmpdir(), 'quarry-migrations-'))
  try {
    const journal = journalOf(from)
    const entries = journal.entries.slice(0, upTo)
    for (const { tag } of entries) cpSync(join(from, `${tag}.sql`), join(folder, `${tag}.sql`))
    mkdirSync(join(folder, 'meta'))
    writeFileSync(join(folder, 'meta', '_journal.json'), JSON.stringify({ ...journal, entries }))
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Drizzle skips a migration that is older than the newest applied one, silently: a branch merged late. */
const assertComplete = async (sql: postgres.Sql, migrationsFolder: string): Promise<void> => {
  const rows = await sql.unsafe<{ hash: string }[]>('select hash from drizzle.__drizzle_migrations')
  const applied = new Set(rows.map((row) => row.hash))
  const skipped = readMigrationFiles({ migrationsFolder }).filter((file) => !applied.has(file.hash))
  if (skipped.length > 0)
    throw new Error(
      `${skipped.length} migration(s) were not applied: their time in migrations/meta/_journal.json is older than one that ` +
        'was applied before, or an applied file was changed.',
    )
}

/** What works on the queue with the rights of its owner, whoever calls it. */
const OF_THE_QUEUE = [
  'queue_put(text, uuid, jsonb, boolean, text)',
  'queue_take_out(bigint)',
  'queue_over(bigint, text)',
  'queue_hand_back(bigint, text)',
  'queue_name_run(bigint, uuid)',
  'queue_places(text)',
  'queue_missing(uuid[], bigint[])',
  'queue_unadopted(text, uuid[])',
  'enqueue_cron(text, uuid)',
  'queue_forget()',
]
/** Of the versions before, which the rows of an old backup are put into. */
const FORMER_OF_THE_QUEUE = 'enqueue_job(text, jsonb, integer, integer, timestamptz, text, text)'

/** The queue's schema belongs to app_worker: the role that workers run as, and that the functions of the queue borrow. */
const installQueue = async (adapter: DatabaseAdapter, sql: postgres.Sql): Promise<void> => {
  await sql.unsafe(`
    do $$ begin
      execute format('grant create on database %I to app_worker', current_database());
      create schema if not exists graphile_worker authorization app_worker;
      grant create on schema public to app_worker;
      ${[...OF_THE_QUEUE, FORMER_OF_THE_QUEUE]
        .map(
          (name) =>
            `if to_regprocedure('public.${name}') is not null then alter function public.${name} owner to app_worker; end if;`,
        )
        .join('\n      ')}
      revoke create on schema public from app_worker;
    end $$`)
  const pool = new Pool({
    ...(adapter.kind === 'embedded'
      ? { host: adapter.socketDir, port: EMBEDDED_PORT, user: EMBEDDED_USER, database: EMBEDDED_USER }
      : { connectionString: adapter.ownerUrl ?? adapter.url }),
    max: 1,
  })
  // An idle connection that breaks is told here, or it ends the process; the next query tells its caller anyway.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  try {
    const client = await pool.connect()
    await client.query('set role app_worker')
    client.release()
    await runMigrations({ pgPool: pool, preset: { worker: { preparedStatements: false } } })
  } finally {
    // The embedded database has one session: a role that stays set would be everybody's.
    await pool.query('reset role')
    await pool.end()
    await sql.unsafe(
      `do $$ begin execute format('revoke create on database %I from app_worker', current_database()); end $$`,
    )
  }
}

const sqlState = (error: unknown): string | undefined => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
}

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { readTestDatabaseUrl, type DatabaseAdapter } from '@quarry/config'
import { EMBEDDED_PORT, EMBEDDED_USER } from '../client/address.ts'
import { openDatabase, type Database, type DatabaseOptions } from '../database.ts'
import { startEmbedded, type EmbeddedDatabase } from '../embedded/index.ts'
import { migrate } from '../migrate.ts'
import { ensureTemplate, loginUrl, superuser, withDatabase } from './template.ts'

export interface TestDatabase {
  readonly adapter: DatabaseAdapter
  /** As the product has it: connects as `login`. */
  readonly database: Database
  /** Raw SQL as superuser, past every policy: for arranging, and for looking at what is really there. */
  readonly owner: postgres.Sql
  /** Another Database on the same data, closed together with this one. */
  open(options: DatabaseOptions): Database
  /** Closes and drops. Throws when somebody kept a connection or a transaction open. */
  close(): Promise<void>
}

/** Leftovers of killed runs are dropped after this time; no test file takes as long. */
const STALE_SECONDS = 2 * 3600

/**
 * A database of its own for one test file, on the PostgreSQL of TEST_DATABASE_URL unless `url` names another: a clone
 * (0.1 s) of a template that is migrated once. Call `close` in afterAll.
 */
export const createTestDatabase = async (url = readTestDatabaseUrl()): Promise<TestDatabase> => {
  const template = await ensureTemplate(url)
  const name = `quarry_test_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`
  const maintenance = superuser(url)
  try {
    await dropStale(maintenance)
    await maintenance.unsafe(`create database ${name} template ${template}`)
  } finally {
    await maintenance.end()
  }
  const adapter = { kind: 'postgres', url: loginUrl(url, name), ownerUrl: withDatabase(url, name) } as const
  return assemble(adapter, superuser(url, name), async (owner) => {
    const left = await connectionsLeft(owner)
    await owner.end()
    const dropper = superuser(url)
    await dropper.unsafe(`drop database ${name} with (force)`)
    await dropper.end()
    if (left.length > 0)
      throw new Error(
        `Connections were left open after close: ${left.map((row) => `${row.state} ${row.query}`).join('; ')}`,
      )
  })
}

/** The same on the embedded database: a process of its own on a temporary folder (3 s to start). */
export const createEmbeddedTestDatabase = async (): Promise<TestDatabase & { readonly process: EmbeddedDatabase }> => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-test-'))
  const embedded = await startEmbedded(folder)
  await migrate(embedded.adapter)
  const owner = superuserOfEmbedded(embedded.adapter)
  const test = assemble(embedded.adapter, owner, async () => {
    await owner.end()
    await embedded.stop()
    rmSync(folder, { recursive: true })
  })
  return { ...test, process: embedded }
}

/** Raw SQL on the embedded database. */
export const superuserOfEmbedded = (adapter: EmbeddedDatabase['adapter']): postgres.Sql =>
  postgres({
    host: adapter.socketDir,
    port: EMBEDDED_PORT,
    user: EMBEDDED_USER,
    database: EMBEDDED_USER,
    max: 1,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
  })

const assemble = (
  adapter: DatabaseAdapter,
  owner: postgres.Sql,
  drop: (owner: postgres.Sql) => Promise<void>,
): TestDatabase => {
  const opened: Database[] = []
  const open = (options: DatabaseOptions): Database => {
    const database = openDatabase(adapter, { applicationName: 'quarry test', ...options })
    opened.push(database)
    return database
  }
  const database = open({})
  return {
    adapter,
    database,
    owner,
    open,
    close: async () => {
      const busy = opened.reduce((sum, one) => sum + one.stats().lent + one.stats().waiting, 0)
      await Promise.all(opened.map((one) => one.close()))
      await drop(owner)
      if (busy > 0) throw new Error(`${busy} transactions were still running at the end of the test file`)
    },
  }
}

/** A closed connection takes a moment to disappear from the server's list. */
const connectionsLeft = async (owner: postgres.Sql): Promise<{ state: string; query: string }[]> => {
  for (let attempt = 0; ; attempt++) {
    const rows = await owner.unsafe<{ state: string; query: string }[]>(
      `select coalesce(state, '') as state, left(query, 60) as query, pg_sleep(0.02)::text from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    if (rows.length === 0 || attempt === 50) return rows
  }
}

const dropStale = async (maintenance: postgres.Sql): Promise<void> => {
  const stale = await maintenance.unsafe<{ datname: string }[]>(
    `select datname from pg_database where datname ~ '^quarry_test_[0-9]+_'
       and split_part(datname, '_', 3)::bigint < extract(epoch from now()) - ${STALE_SECONDS}`,
  )
  for (const { datname } of stale) await maintenance.unsafe(`drop database if exists ${datname} with (force)`)
}

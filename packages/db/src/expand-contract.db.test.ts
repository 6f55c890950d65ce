import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUILT_IN_EMBEDDING, readTestDatabaseUrl } from '@quarry/config'
import { ensureEmbeddingIndex, embeddingIndexName } from './embedding-index.ts'
import { migrate, MIGRATIONS_FOLDER } from './migrate.ts'
import { withNextMigration } from './testing/next-migration.ts'
import { superuser, withDatabase } from './testing/template.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts'

const FILES = readdirSync(MIGRATIONS_FOLDER).filter((name) => name.endsWith('.sql')).length
/** Of each kind; `npm run proof` has twenty, with processes. */
const ROUNDS = 2
const url = readTestDatabaseUrl()

const emptyDatabase = async (run: (adapter: { kind: 'postgres'; url: string; ownerUrl: null }) => Promise<void>) => {
  const name = `quarry_test_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`
  const maintenance = superuser(url)
  try {
    await maintenance.unsafe(`create database ${name}`)
    await run({ kind: 'postgres', url: withDatabase(url, name), ownerUrl: null })
  } finally {
    await maintenance.unsafe(`drop database ${name} with (force)`)
    await maintenance.end()
  }
}

/** What a release does before its replicas start. */
const prepare = async (adapter: Parameters<typeof migrate>[0]) => {
  await migrate(adapter)
  await ensureEmbeddingIndex(adapter, BUILT_IN_EMBEDDING.id, BUILT_IN_EMBEDDING.dimension)
}

describe('check 22: replicas are replaced while they work, and the schema before them', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await createTestDatabase()
    await test.owner.unsafe('create table busy (id int primary key, text text); grant all on busy to login')
    await test.owner.unsafe(`insert into busy select i, 'x' from generate_series(1, 100) i`)
  })
  afterAll(() => test.close())

  it(`two migrators at once, ${ROUNDS} times: both succeed, and the journal has a row for each file`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await emptyDatabase(async (adapter) => {
        await Promise.all([prepare(adapter), prepare(adapter)])
        const sql = superuser(adapter.url)
        const [row] = await sql.unsafe<{ rows: number; valid: boolean }[]>(
          `select (select count(*) from drizzle.__drizzle_migrations)::int as rows,
             (select indisvalid from pg_index where indexrelid = $1::regclass) as valid`,
          [embeddingIndexName(BUILT_IN_EMBEDDING.id)],
        )
        await sql.end()
        expect(row).toEqual({ rows: FILES, valid: true })
      })
    }
  })

  it('a migration that is older than one that was applied stops the migrator, and changes nothing', async () => {
    const late = withNextMigration('create table of_a_late_branch (id int)', -1)
    try {
      await expect(migrate(test.adapter, { folder: late.folder })).rejects.toThrow('1 migration(s) were not applied')
    } finally {
      late.remove()
    }
    const [row] = await test.owner.unsafe(`select to_regclass('of_a_late_branch') as there`)
    expect(row).toEqual({ there: null })
  })

  const ownerUrl = () => {
    if (test.adapter.kind !== 'postgres' || test.adapter.ownerUrl === null) throw new Error('no server')
    return test.adapter.ownerUrl
  }

  /** Reads and writes of the table at once, by several, for as long as `run` takes. @returns the longest wait, ms */
  const longestWaitDuring = async (run: () => Promise<unknown>): Promise<number> => {
    const ended = new AbortController()
    let longest = 0
    const caller = async (id: number) => {
      const sql = superuser(ownerUrl())
      while (!ended.signal.aborted) {
        const since = performance.now()
        await sql.unsafe(`update busy set text = 'y' where id = ${id}`)
        await sql.unsafe(`select count(*) from busy`)
        longest = Math.max(longest, performance.now() - since)
      }
      await sql.end()
    }
    const callers = [1, 2, 3].map(caller)
    try {
      await run()
    } finally {
      ended.abort()
      await Promise.all(callers)
    }
    return longest
  }

  /** A report, a dump, somebody's psql: reads the table, and keeps it for a while. */
  const holdTable = async (ms: number) => {
    const sql = superuser(ownerUrl())
    await sql.unsafe('begin')
    await sql.unsafe('select 1 from busy limit 1')
    const release = async () => {
      await pause(ms)
      await sql.unsafe('commit')
      await sql.end()
    }
    return { released: release() }
  }

  it('a migration of a table that is in use holds nobody up for more than a second, and is applied', async () => {
    const next = withNextMigration('alter table busy add column added text')
    try {
      const { released } = await holdTable(2_500)
      const longest = await longestWaitDuring(() => Promise.all([migrate(test.adapter, next), released]))
      expect(longest).toBeLessThan(1_000)
    } finally {
      next.remove()
    }
    const columns = await test.owner.unsafe(`select 1 from pg_attribute where attname = 'added'`)
    expect(columns).toHaveLength(1)
  })

  it('mutation: one that waits for as long as it takes holds everybody up', async () => {
    const { released } = await holdTable(2_500)
    const migrator = superuser(ownerUrl())
    const longest = await longestWaitDuring(() =>
      Promise.all([migrator.unsafe('alter table busy add column waited text'), released]),
    )
    await migrator.end()
    expect(longest).toBeGreaterThan(1_000)
  })

  it('control: what the release before reads is still there after it, and it writes on', async () => {
    const [row] = await test.owner.unsafe('select count(*)::int as rows from busy')
    expect(row).toEqual({ rows: 100 })
    await test.owner.unsafe(`insert into busy (id, text) values (101, 'of older code')`)
  })
})

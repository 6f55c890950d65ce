import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTestDatabaseUrl } from '@quarry/config'
import { migrate, MIGRATIONS_FOLDER } from './migrate.ts'
import { superuser, withDatabase } from './testing/template.ts'

const name = `quarry_test_${Math.floor(Date.now() / 1000)}_migrate`
const url = readTestDatabaseUrl()
const maintenance = superuser(url)
beforeAll(() => maintenance.unsafe(`create database ${name}`))
afterAll(async () => {
  await maintenance.unsafe(`drop database ${name} with (force)`)
  await maintenance.end()
})

const journal = JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, 'meta/_journal.json'), 'utf8')) as {
  entries: { idx: number; when: number; tag: string }[]
}
const adapter = { kind: 'postgres', url: withDatabase(url, name), ownerUrl: null } as const

test('the journal names every file once, in the order of their times', () => {
  const files = readdirSync(MIGRATIONS_FOLDER).filter((file) => file.endsWith('.sql'))
  expect(journal.entries.map((entry) => `${entry.tag}.sql`)).toEqual(files)
  const times = journal.entries.map((entry) => entry.when)
  expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0))).toBe(true)
})

test('several migrators at once all succeed, and apply each migration once', async () => {
  await Promise.all([migrate(adapter), migrate(adapter), migrate(adapter)])
  await migrate(adapter)
  const sql = superuser(url, name)
  const [row] = await sql.unsafe<{ applied: number; queue: number }[]>(
    `select (select count(*) from drizzle.__drizzle_migrations)::int as applied,
       (select count(*) from graphile_worker.migrations)::int as queue`,
  )
  const [queue] = await sql.unsafe(
    `select nspowner::regrole::text as owner, has_database_privilege('app_worker', current_database(), 'create') as creates,
       has_schema_privilege('app_worker', 'public', 'create') as "createsInPublic"
     from pg_namespace where nspname = 'graphile_worker'`,
  )
  await sql.end()
  expect(row?.applied).toBe(journal.entries.length)
  expect(row?.queue).toBeGreaterThan(10)
  expect(queue).toEqual({ owner: 'app_worker', creates: false, createsInPublic: false })
})

test('a migration that was merged late, and that Drizzle would skip in silence, stops the migrator', async () => {
  const sql = superuser(url, name)
  await sql.unsafe(`delete from drizzle.__drizzle_migrations where id = 2`)
  await expect(migrate(adapter)).rejects.toThrow('1 migration(s) were not applied')
  await sql.end()
})

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readTestDatabaseUrl } from '@quarry/config'
import { MIGRATIONS_FOLDER } from './migrate.ts'
import { superuser, withDatabase } from './testing/template.ts'

const ROUNDS = 20
const MAIN = fileURLToPath(new URL('./migrate-main.ts', import.meta.url))
const FILES = readdirSync(MIGRATIONS_FOLDER).filter((name) => name.endsWith('.sql')).length
const run = promisify(execFile)

describe('check 22: the long form', () => {
  it(`two processes migrate an empty database at once, ${ROUNDS} times, and both end with 0`, async () => {
    const url = readTestDatabaseUrl()
    const maintenance = superuser(url)
    for (let round = 0; round < ROUNDS; round++) {
      const name = `quarry_test_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`
      await maintenance.unsafe(`create database ${name}`)
      const database = withDatabase(url, name)
      const env = { PATH: '', DATABASE_URL: database, AUTH_SECRET: 'x'.repeat(32) }
      // A process that ends with another code than 0 rejects.
      await Promise.all([run(process.execPath, [MAIN], { env }), run(process.execPath, [MAIN], { env })])
      const sql = superuser(url, name)
      const [row] = await sql.unsafe(`select count(*)::int as rows from drizzle.__drizzle_migrations`)
      await sql.end()
      expect(row).toEqual({ rows: FILES })
      await maintenance.unsafe(`drop database ${name} with (force)`)
    }
    await maintenance.end()
  })
})

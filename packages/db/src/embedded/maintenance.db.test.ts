import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startMaintenance } from './maintenance.ts'
import { SocketServer } from './socket-server.ts'

test('a table that grew is analysed, and its dead rows go, without anybody asking', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-maintenance-'))
  const db = await PGlite.create(folder)
  const errors: unknown[] = []
  const server = new SocketServer(db, (error) => errors.push(error))
  const stop = startMaintenance(server, (error) => errors.push(error), 20)
  onTestFinished(async () => {
    stop()
    await db.close()
    rmSync(folder, { recursive: true })
  })
  await server.query('create table "Grown" (a int)')
  await server.query('insert into "Grown" select * from generate_series(1, 500)')
  await server.query('delete from "Grown" where a <= 250')
  await vi.waitUntil(
    async () => {
      const [row] = await server.query<{ rows: number }>(
        `select reltuples::int as rows from pg_class where relname = 'Grown'`,
      )
      return row?.rows === 250
    },
    { timeout: 30_000 },
  )
  expect(await server.query(`select n_dead_tup::int as dead from pg_stat_user_tables where relname = 'Grown'`)).toEqual(
    [{ dead: 0 }],
  )
  expect(errors).toEqual([])
})

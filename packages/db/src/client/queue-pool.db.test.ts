import type { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'
import { openQueuePool } from './queue-pool.ts'

let db: TestDatabase
let pool: Pool
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(() => pool.end())
afterAll(() => db.close())

const open = (silenceMs?: number) => {
  const options = { max: 2, maxLifetimeSeconds: 60, applicationName: 'quarry-queue test' }
  pool = openQueuePool(db.adapter, options, silenceMs)
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

test('the queue is reached in a role that may do everything to it, and nothing to a tenant', async () => {
  open()
  const { rows } = await pool.query(
    `select session_user::text, current_user::text, current_setting('application_name') as name`,
  )
  expect(rows).toEqual([{ session_user: 'login', current_user: 'app_worker', name: 'quarry-queue test' }])
  const added = await pool.query(`select (graphile_worker.add_job('test.queue', max_attempts := 2)).id::int`)
  expect(added.rowCount).toBe(1)
  const removed = await pool.query(`delete from graphile_worker._private_jobs returning max_attempts`)
  expect(removed.rows).toEqual([{ max_attempts: 2 }])
  await pool.query(`insert into worker_heartbeat (pool_id, host) values ('pool', 'test')`)
  for (const table of ['document', 'chunk', 'signal', 'auth."user"'])
    await expect(pool.query(`select 1 from ${table}`)).rejects.toMatchObject({ code: '42501' })
})

test('a server that has fallen silent is left, whoever listens too, and found again', async () => {
  // Longer than a busy machine takes for a statement of nothing.
  open(1_500)
  const listener = await pool.connect()
  listener.on('notification', () => undefined)
  await listener.query('listen "jobs:insert"')
  // Nothing is wrong with a listener to whom nothing is said.
  const lost = new Promise((resolve) => listener.once('error', resolve))
  expect(await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, 2_500, 'still there'))])).toBe(
    'still there',
  )
  const started = performance.now()
  await expect(pool.query('select pg_sleep(20)')).rejects.toThrow('Connection terminated')
  expect(performance.now() - started).toBeLessThan(15_000)
  await lost
  listener.release(true)
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await db.owner.unsafe(
    `select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(20)' and datname = current_database()`,
  )
})

test('who waits for a connection in vain is told', async () => {
  open()
  const held = [await pool.connect(), await pool.connect()]
  await expect(pool.query('select 1')).rejects.toThrow('timeout')
  for (const client of held) client.release()
})

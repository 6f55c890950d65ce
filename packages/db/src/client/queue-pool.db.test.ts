import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'
import { queuePoolConfig } from './queue-pool.ts'

let db: TestDatabase
let pool: Pool
beforeAll(async () => {
  db = await createTestDatabase()
  pool = new Pool(queuePoolConfig(db.adapter, 2))
})
afterAll(async () => {
  await pool.end()
  await db.close()
})

test('the queue is reached in a role that may do everything to it, and nothing to a tenant', async () => {
  const { rows } = await pool.query('select session_user::text, current_user::text')
  expect(rows).toEqual([{ session_user: 'login', current_user: 'app_worker' }])
  const added = await pool.query(`select (graphile_worker.add_job('test.queue', max_attempts := 2)).id::int`)
  expect(added.rowCount).toBe(1)
  const removed = await pool.query(`delete from graphile_worker._private_jobs returning max_attempts`)
  expect(removed.rows).toEqual([{ max_attempts: 2 }])
  await pool.query(`insert into worker_heartbeat (pool_id, host) values ('pool', 'test')`)
  for (const table of ['document', 'chunk', 'signal', 'auth."user"'])
    await expect(pool.query(`select 1 from ${table}`)).rejects.toMatchObject({ code: '42501' })
})

import { readAdapters } from '@quarry/config'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectionSum } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

let db: TestDatabase
let allowed: number
beforeAll(async () => {
  db = await createTestDatabase()
  const [row] = await db.owner<{ most: number }[]>`select current_setting('max_connections')::integer as most`
  allowed = row!.most - 10
})
afterAll(() => db.close())

const sumOf = (env: Record<string, string>, directUrl: string | null = null) => {
  const adapters = readAdapters({ REDIS_URL: 'redis://redis', ...env })
  const database = { ...db.adapter, ...(db.adapter.kind === 'postgres' && { directUrl }) }
  return connectionSum(db.database, { ...adapters, database }, 2)
}

describe('check 31: the sum of connections', () => {
  test('all processes at their largest have to fit into what the server has, less ten', async () => {
    expect(await sumOf({ WEB_REPLICAS: '3', WORKER_REPLICAS: '2' })).toEqual({
      ok: true,
      needed: 50,
      allowed,
      detail: `3 web servers and 2 workers open up to 50 connections; the server has ${allowed} for them`,
    })
    const size = Math.floor(allowed / 2)
    expect(await sumOf({ DB_POOL_SIZE: String(size) })).toMatchObject({ ok: true, needed: size * 2 })
    const tooMuch = await sumOf({ DB_POOL_SIZE: String(size), DB_MAX_OVERFLOW: '1' })
    expect(tooMuch).toMatchObject({ ok: false, needed: (size + 1) * 2 })
    expect(tooMuch.detail).toContain('lower DB_POOL_SIZE')
  })

  test('behind a pooler only the queues of the workers reach the server by themselves', async () => {
    const pooled = await sumOf({ WEB_REPLICAS: '20', WORKER_REPLICAS: '5' }, 'postgres://direct')
    expect(pooled).toMatchObject({ ok: true, needed: 20 })
    expect(pooled.detail).toContain('the queues of 5 workers')
  })
})

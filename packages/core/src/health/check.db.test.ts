import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobStore } from '@quarry/blobs'
import { openRedisLink, type RedisLink } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { readAdapters, type Adapters } from '@quarry/config'
import type { Database } from '@quarry/db'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHealthCheck } from './check.ts'

let db: TestDatabase
let folder: string
let adapters: Adapters
beforeAll(async () => {
  db = await createTestDatabase()
  folder = mkdtempSync(join(tmpdir(), 'quarry-health-'))
  adapters = { ...readAdapters({ QUARRY_DATA: folder }), database: db.adapter }
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

interface Looking {
  readonly database?: Database
  readonly redis?: RedisLink
  readonly replicas?: Adapters['replicas']
}
const checkOf = ({ database = db.database, redis, replicas = adapters.replicas }: Looking = {}) =>
  createHealthCheck({
    database,
    redis: redis ?? null,
    blobs: openBlobStore(adapters.blobs),
    shutdown: new AbortController().signal,
    logger: createLogger({ name: 'test', level: 'silent' }),
    adapters: { ...adapters, replicas },
  })

describe('readiness', () => {
  test('a process with all its parts is ready, and two probes at once cost one look', async () => {
    const check = checkOf()
    expect(await check()).toEqual({
      ok: true,
      parts: ['database', 'migrations', 'blobs'].map((name) => ({ name, ok: true, detail: 'ok' })),
      findings: [],
    })
    expect(check()).toBe(check())
  })

  test('a database that takes no writes is not ready', async () => {
    const [{ name } = { name: '' }] = await db.owner<{ name: string }[]>`select current_database() as name`
    await db.owner.unsafe(`alter database ${name} set default_transaction_read_only = on`)
    const health = await checkOf({ database: db.open({}) })()
    await db.owner.unsafe(`alter database ${name} reset default_transaction_read_only`)
    expect(health.ok).toBe(false)
    expect(health.parts[0]).toMatchObject({ name: 'database', ok: false, detail: expect.stringContaining('no writes') })
  })

  test('a process whose connections are all in use stays ready: others are served meanwhile', async () => {
    const database = db.open({ pool: { max: 1 } })
    let isBusy = true
    // So many that whoever comes behind them waits longer than anybody is to wait for a connection.
    const callers = Array.from({ length: 40 }, async () => {
      while (isBusy) await database.system((tx) => tx.execute(sql`select pg_sleep(0.2)`)).catch(() => undefined)
    })
    const { ok, parts } = await checkOf({ database })()
    isBusy = false
    await Promise.all(callers)
    expect(parts[0]).toMatchObject({ name: 'database', ok: true })
    expect(ok).toBe(true)
  })

  test('a database without the newest migration is not ready, nor one that has never heard of it', async () => {
    const migrations = async () => (await checkOf()()).parts.find(({ name }) => name === 'migrations')
    const [newest] = await db.owner`delete from drizzle.__drizzle_migrations
      where created_at = (select max(created_at) from drizzle.__drizzle_migrations) returning *`
    expect(await migrations()).toMatchObject({ ok: false, detail: expect.stringContaining('npm start') })
    await db.owner`insert into drizzle.__drizzle_migrations ${db.owner({ ...newest })}`
    await db.owner`revoke usage on schema drizzle from app_system`
    expect(await migrations()).toMatchObject({ ok: false })
    await db.owner`grant usage on schema drizzle to app_system`
    expect(await migrations()).toMatchObject({ ok: true })
  })

  test('replicas that may open more connections than there are stay ready, and it is said what to change', async () => {
    const { ok, findings } = await checkOf({ replicas: { web: 50, worker: 1 } })()
    expect(ok).toBe(true)
    expect(findings).toEqual([
      { name: 'connections', level: 'error', detail: expect.stringMatching(/50 web servers .*lower DB_POOL_SIZE/) },
    ])
  })
})

describe('Redis', () => {
  let server: TestRedis
  let redis: RedisLink
  beforeAll(async () => {
    server = await startTestRedis()
    redis = openRedisLink(server.adapter)
  })
  afterAll(async () => {
    await redis.close()
    await server.close()
  })
  const configure = (name: string, value: string) => redis.run((client) => client.config('SET', name, value))
  const details = async () => (await checkOf({ redis })()).findings.map(({ detail }) => detail)

  test('that is bounded and drops what was unused longest is as it should be', async () => {
    await configure('maxmemory', '64mb')
    expect(await details()).toEqual([])
  })

  test('that would drop other keys, or none, or that has no bound, comes with the command that sets it', async () => {
    await configure('maxmemory-policy', 'noeviction')
    expect(await details()).toEqual([expect.stringContaining('redis-cli config set maxmemory-policy volatile-lru')])
    await configure('maxmemory-policy', 'volatile-lru')
    await configure('maxmemory', '0')
    expect(await details()).toEqual([expect.stringContaining('redis-cli config set maxmemory 256mb')])
  })

  test('that is away leaves the process ready, and it is said what that means', async () => {
    await server.kill()
    const { ok, findings } = await checkOf({ redis })()
    expect(ok).toBe(true)
    expect(findings).toEqual([
      { name: 'redis', level: 'warning', detail: expect.stringMatching(/served from the database.*REDIS_URL/) },
    ])
  })
})

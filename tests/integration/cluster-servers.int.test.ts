import { readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { documentItem, pageOf } from '@quarry/contracts'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { startCluster } from '../../bench/load/cluster.mjs'
import { askSupervisor } from '../../scripts/cluster/control.mjs'
import { placesIn } from '../../scripts/cluster/state-folder.mjs'
import { query, waitUntil } from '../fixtures/product/index.ts'

const ALL = { limit: 100 }
const ENDS_MS = 30_000
/** Something of somebody else's, on the same server. */
const OTHER = 'somebody-else:counter'

let db: TestDatabase
let redis: TestRedis
let cluster: Awaited<ReturnType<typeof startCluster>> | undefined

/** What Redis says to one command, as it says it. */
const tell = async (line: string): Promise<string> => {
  const socket = connect(redis.port, '127.0.0.1')
  socket.write(`${line}\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString('utf8').trim()
}
const keys = async () => Number((await tell('DBSIZE')).slice(1))
/** Sessions of anybody but this test. */
const sessions = async (): Promise<string[]> => {
  const rows = await db.owner<{ name: string }[]>`
    select application_name as name from pg_stat_activity
    where datname = current_database() and application_name like 'quarry-%'`
  return rows.map(({ name }) => name)
}

beforeAll(async () => {
  db = await createTestDatabase()
  redis = await startTestRedis()
  if (db.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
  await tell(`SET ${OTHER} 42`)
  cluster = await startCluster({
    ...{ replicas: 1, workers: 1, say: () => undefined },
    env: {
      ...{ DATABASE_URL: db.adapter.url, DATABASE_OWNER_URL: db.adapter.ownerUrl ?? '', REDIS_URL: redis.adapter.url },
      ...{ QUARRY_PROVISION: 'true', EMBEDDING_MODEL: 'off' },
    },
  })
})
afterAll(async () => {
  await cluster?.stop()
  await redis?.close()
  await db?.close()
})

describe('a cluster with a database and a Redis of the user’s own', () => {
  it('starts none of its own', async () => {
    const { folder = '' } = cluster ?? {}
    const { processes } = await askSupervisor(placesIn(folder).socket, 'status', {}, () => undefined)
    expect(processes.map(({ name }: { name: string }) => name)).toEqual(['nginx', 'web-1', 'worker-1'])
    expect(readdirSync(folder)).not.toContain('postgres')
    expect(readdirSync(join(folder, 'redis'))).toEqual([])
  })

  it('uses them', async () => {
    const { folder = '', url = '' } = cluster ?? {}
    const { apiKey } = JSON.parse(readFileSync(join(folder, 'data', 'credentials.json'), 'utf8')) as { apiKey: string }
    const { items } = await query({ url, apiKey }, 'documents.list', ALL, pageOf(documentItem))
    expect(items.length).toBeGreaterThan(0)
    const [row] = await db.owner<{ count: number }[]>`select count(*)::integer as count from document`
    expect(row?.count).toBe(items.length)
    expect((await sessions()).length).toBeGreaterThan(0)
    expect(await keys(), 'what is kept of it, beside what was there').toBeGreaterThan(1)
  })

  it('leaves them alone when it stops', async () => {
    const before = await db.owner<{ count: number }[]>`select count(*)::integer as count from document`
    await cluster?.stop()
    cluster = undefined
    await waitUntil('its sessions have ended', ENDS_MS, async () => (await sessions()).length === 0)
    expect(await db.owner`select count(*)::integer as count from document`).toEqual(before)
    expect(await tell(`GET ${OTHER}`)).toMatch(/42$/)
    // What it kept goes by its own time, as it would with any other client of that server.
    expect(await keys()).toBeGreaterThan(1)
  })
})

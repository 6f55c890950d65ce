import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newId, openDatabase, schema, type Database } from '../index.ts'
import { migrate } from '../migrate.ts'
import { createTenant, type TestTenant } from '../testing/index.ts'
import { superuserOfEmbedded } from '../testing/test-database.ts'
import { startEmbedded, type EmbeddedDatabase } from './index.ts'
import { simpleQuery } from './wire-frames.ts'

const folder = mkdtempSync(join(tmpdir(), 'quarry-embedded-'))
let embedded: EmbeddedDatabase
let database: Database
let tenant: TestTenant

beforeAll(async () => {
  embedded = await startEmbedded(folder)
  await migrate(embedded.adapter)
  database = openDatabase(embedded.adapter, { pool: { acquireTimeoutMs: 20_000 } })
  const owner = superuserOfEmbedded(embedded.adapter)
  tenant = await createTenant({ database, owner })
  await owner.end()
})
afterAll(async () => {
  await database.close()
  await embedded.stop()
  rmSync(folder, { recursive: true })
})

const socketPath = () => join(embedded.adapter.socketDir, '.s.PGSQL.5432')
const asMember = <T>(fn: Parameters<ReturnType<Database['tenant']>['tx']>[0], timeoutMs = 20_000) =>
  database.tenant(tenant.member).tx(fn, { timeoutMs }) as Promise<T>

describe('the embedded database', () => {
  test('gives every connection its own rows, whatever the others ask meanwhile', { timeout: 60_000 }, async () => {
    let next = 0
    const foreign: number[] = []
    // Four times as many as there are connections; a deadline counts the wait for one.
    const callers = Array.from({ length: 40 }, async () => {
      for (let i = next++; i < 600; i = next++) {
        const question = sql`select ${`v${i}`}::text as value, ${i}::int as number`
        const [row] =
          i % 2 === 0
            ? await database.auth.execute(question)
            : await asMember<{ value: string; number: number }[]>((tx) => tx.execute(question))
        if (row?.['value'] !== `v${i}` || row['number'] !== i) foreign.push(i)
      }
    })
    await Promise.all(callers)
    expect(next).toBeGreaterThanOrEqual(600)
    expect(foreign).toEqual([])
  })

  test('lets the others go on when a client is cut off between two messages', async () => {
    const client = connect(socketPath())
    const body = Buffer.from('user\0postgres\0database\0postgres\0\0')
    const head = Buffer.alloc(8)
    head.writeUInt32BE(8 + body.length, 0)
    head.writeUInt32BE(196_608, 4)
    client.write(Buffer.concat([head, body]))
    await once(client, 'data')
    // An open transaction, a statement that fails, and a Parse that no Sync follows.
    client.write(simpleQuery('begin; create table left_behind (a int)'))
    await once(client, 'data')
    client.write(Buffer.from([0x50, 0, 0, 0, 13, 0, ...Buffer.from('nonse\0'), 0, 0]))
    await once(client, 'data')
    const waiting = database.auth.execute(sql`select to_regclass('left_behind') as found`)
    client.destroy()
    expect(await waiting).toEqual([{ found: null }])
  })

  test('ends a transaction whose deadline passed, and serves the next one', async () => {
    const started = performance.now()
    await expect(asMember((tx) => tx.execute(sql`select pg_sleep(4)`), 200)).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(performance.now() - started).toBeLessThan(3_800)
    await asMember((tx) => tx.execute(sql`select 1`))
  })

  test('keeps its socket to its user, and refuses a second one on the same folder', async () => {
    expect(statSync(embedded.adapter.socketDir).mode & 0o777).toBe(0o700)
    await expect(startEmbedded(folder)).rejects.toThrow('another database already serves')
    await database.ping()
  })

  test(
    'killed under writes loses nothing that it had acknowledged; callers go on without a restart',
    { timeout: 120_000 },
    async () => {
      const acknowledged: string[] = []
      for (let round = 0; round < 3; round++) {
        let stop = false
        const writer = async () => {
          while (!stop) {
            const id = newId()
            try {
              await database
                .tenant(tenant.owner)
                .tx((tx) => tx.insert(schema.collection).values({ orgId: tenant.orgId, id, name: id }), {
                  timeoutMs: 20_000,
                })
              acknowledged.push(id)
            } catch (error) {
              expect(error).toMatchObject({ code: 'unavailable' })
            }
          }
        }
        const before = acknowledged.length
        const writers = [writer(), writer(), writer()]
        await vi.waitUntil(() => acknowledged.length > before + 20, { timeout: 30_000 })
        await embedded.kill()
        embedded = await startEmbedded(folder)
        const after = acknowledged.length
        await vi.waitUntil(() => acknowledged.length > after + 5, { timeout: 30_000 })
        stop = true
        await Promise.all(writers)
      }
      const rows = await asMember<{ id: string }[]>((tx) =>
        tx.select({ id: schema.collection.id }).from(schema.collection),
      )
      const kept = new Set(rows.map((row) => row.id))
      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([])
    },
  )

  test('stopped and started again has everything', async () => {
    const count = () => asMember<number>((tx) => tx.$count(schema.collection))
    const before = await count()
    await embedded.stop()
    embedded = await startEmbedded(folder)
    expect(await count()).toBe(before)
    expect(before).toBeGreaterThan(0)
  })
})

test('ends when its parent is gone', { timeout: 60_000 }, async () => {
  const orphan = mkdtempSync(join(tmpdir(), 'quarry-orphan-'))
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), {
    env: { QUARRY_DATA: orphan },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  child.disconnect()
  expect(await once(child, 'exit')).toEqual([0, null])
  rmSync(orphan, { recursive: true })
})

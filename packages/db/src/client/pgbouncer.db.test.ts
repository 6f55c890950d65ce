import { sql } from 'drizzle-orm'
import type { DatabaseAdapter } from '@quarry/config'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedText, openDatabase, schema, type Database } from '../index.ts'
import { createTestDatabase, type TestDatabase, type TestTenant } from '../testing/index.ts'
import { EVERY_ENDING } from '../testing/interleaving-endings.ts'
import { createNamedTenants, interleave } from '../testing/interleaving.ts'
import { startTestPgbouncer, type TestPgbouncer } from '../testing/test-pgbouncer.ts'
import { openQueuePool } from './queue-pool.ts'

let db: TestDatabase
let tenants: TestTenant[]
let pgbouncer: TestPgbouncer
beforeAll(async () => {
  db = await createTestDatabase()
  tenants = await createNamedTenants(db, 20)
  pgbouncer = await startTestPgbouncer(db.adapter)
})
afterAll(async () => {
  await pgbouncer.close()
  await db.close()
})

describe('check 2: through a transaction pooler', () => {
  const QUEUE = { max: 2, maxLifetimeSeconds: 60, applicationName: 'quarry-queue test' }

  test('transactions that share a session through a transaction pooler never see each other’s rows', async () => {
    const seen = await interleave(db, tenants, 400, pgbouncer.adapter)
    expect(seen).toMatchObject({ foreign: 0, leftovers: 0, endings: EVERY_ENDING })
    expect(seen.lookedAt).toBeGreaterThan(300)
  }, 120_000)

  test('control: they did share one, and statements that come often are not named there', async () => {
    const { adapter } = pgbouncer
    const one = openDatabase(adapter, { pool: { max: 6 }, applicationName: 'quarry through a pooler' })
    const pids = new Set<unknown>()
    const calls = Array.from({ length: 120 }, (_, i) =>
      one.tenant(tenants[i % tenants.length]!.member).tx(async (tx) => {
        const [row] = (await tx.execute(sql`select pg_backend_pid() as pid`)) as { pid: number }[]
        pids.add(row?.pid)
        return tx.select().from(schema.collection)
      }),
    )
    for (const rows of await Promise.all(calls)) expect(rows).toHaveLength(1)
    expect(pids.size).toBe(1)
    await one.close()
  })

  test('a statement with a fixed text has a name past the pooler, and none through it', async () => {
    const names = async (adapter: DatabaseAdapter) => {
      const one = openDatabase(adapter, { pool: { max: 1 } })
      const member = one.tenant(tenants[0]!.member)
      for (let i = 0; i < 30; i++) await member.tx((tx) => tx.execute(sql`select ${fixedText} ${i}::integer as number`))
      const [row] = (await member.tx((tx) =>
        tx.execute(
          sql`select count(*)::integer as found from pg_prepared_statements where statement like 'select /* fixed */%'`,
        ),
      )) as { found: number }[]
      await one.close()
      return row?.found
    }
    expect(await names(db.adapter)).toBe(1)
    expect(await names(pgbouncer.adapter)).toBe(0)
  })

  test('mutation: without being told of the pooler they fail: the next transaction meets another session’s names', async () => {
    const two = await startTestPgbouncer(db.adapter, 2)
    /** Two clients that hold both sessions, first one way round and then the other. */
    const crossOver = async (adapter: DatabaseAdapter) => {
      const [one, other] = [openDatabase(adapter, { pool: { max: 1 } }), openDatabase(adapter, { pool: { max: 1 } })]
      const hold = (outer: Database, inner: Database) =>
        outer.tenant(tenants[0]!.member).tx(async (tx) => {
          await tx.execute(sql`select 1`)
          await inner.tenant(tenants[1]!.member).tx((innerTx) => innerTx.execute(sql`select 1`))
        })
      try {
        await hold(one, other)
        await hold(other, one)
      } finally {
        await Promise.all([one.close(), other.close()])
      }
    }
    const { url, ownerUrl } = two.adapter
    await crossOver(two.adapter)
    await expect(crossOver({ kind: 'postgres', url, ownerUrl })).rejects.toThrow('set DATABASE_POOLER=transaction')
    await two.close()
  })

  test('the queue goes past it, and could not go through it', async () => {
    const queue = openQueuePool(pgbouncer.adapter, QUEUE)
    const listener = await queue.connect()
    const told = new Promise((resolve) => listener.once('notification', ({ payload }) => resolve(payload)))
    await listener.query('listen "a channel"')
    await queue.query(`select pg_notify('a channel', 'heard')`)
    expect(await told).toBe('heard')
    listener.release()
    await queue.end()

    const { url, ownerUrl } = pgbouncer.adapter
    const through = openQueuePool({ kind: 'postgres', url, ownerUrl }, QUEUE)
    await expect(through.query('select 1')).rejects.toThrow('unsupported startup parameter: options')
    await through.end()
  })
})

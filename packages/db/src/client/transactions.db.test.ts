import { inspect } from 'node:util'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { OrgId } from '@quarry/contracts'
import { authSchema, newId, schema, type Database, type TenantTx } from '../index.ts'
import { createTestDatabase, type TestDatabase, type TestTenant } from '../testing/index.ts'
import { createNamedTenants, outcomeOf } from '../testing/interleaving.ts'

let db: TestDatabase
let tenants: TestTenant[]
beforeAll(async () => {
  db = await createTestDatabase()
  tenants = await createNamedTenants(db, 20)
})
afterAll(() => db.close())

describe('a transaction', () => {
  test('that is over lets nobody in any more', async () => {
    let kept: TenantTx | undefined
    const [tenant, other] = [tenants[0]!, tenants[1]!]
    const one = db.open({ pool: { max: 1 } })
    await one.tenant(tenant.member).tx(async (tx) => {
      kept = tx
    })
    const late = one.tenant(other.member).tx(async (tx) => {
      await tx.execute(sql`select 1`)
      await expect(kept!.select().from(schema.collection)).rejects.toMatchObject({
        cause: { message: 'the transaction is over' },
      })
    })
    await late
    expect.assertions(1)
  })

  test('is committed or refused, never half: a swallowed error does not pass for success', async () => {
    const tenant = tenants[2]!
    const id = newId()
    const written = tenant.as(tenant.owner).tx(async (tx) => {
      await tx.insert(schema.collection).values({ orgId: tenant.orgId, id, name: 'half' })
      await tx.execute(sql`select 1 / 0`).catch(() => {})
    })
    await expect(written).rejects.toThrow('nothing was committed')
    expect(await db.owner.unsafe('select 1 from collection where id = $1', [id])).toHaveLength(0)
  })

  test('past its deadline is told so at once, and ends on the server too', async () => {
    const tenant = tenants[3]!
    const started = performance.now()
    const slow = tenant
      .as(tenant.member)
      .tx((tx) => tx.execute(sql`select pg_sleep(60), 'the slow one'`), { timeoutMs: 200 })
    await expect(slow).rejects.toMatchObject({ code: 'unavailable' })
    expect(performance.now() - started).toBeLessThan(10_000)
    await vi.waitUntil(
      async () =>
        (
          await db.owner.unsafe(
            `select 1 from pg_stat_activity where query like '%the slow one%' and pid <> pg_backend_pid()`,
          )
        ).length === 0,
      { timeout: 20_000 },
    )
    expect(await tenant.as(tenant.member).tx((tx) => tx.select().from(schema.collection))).toHaveLength(1)
  })

  test('waits a bounded time for a connection', async () => {
    const tenant = tenants[4]!
    const one = db.open({ pool: { max: 1, acquireTimeoutMs: 150 } })
    let free = () => {}
    const holding = one.tenant(tenant.member).tx(() => new Promise<void>((resolve) => (free = resolve)))
    await vi.waitUntil(() => one.stats().lent === 1, { timeout: 10_000 })
    const started = performance.now()
    await expect(one.tenant(tenant.member).tx((tx) => tx.execute(sql`select 1`))).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterSeconds: 1 },
    })
    // The pool's own bound would be 3 s.
    expect(performance.now() - started).toBeLessThan(2_800)
    free()
    await holding
    await one.ping()
    expect(one.stats()).toMatchObject({ lent: 0, waiting: 0 })
  })

  test('gets its connection in the order of asking', async () => {
    const tenant = tenants[4]!
    const one = db.open({ pool: { max: 1 } })
    const order: number[] = []
    const callers = Array.from({ length: 20 }, (_, i) =>
      one.tenant(tenant.member).tx(async (tx) => {
        order.push(i)
        await tx.execute(sql`select 1`)
      }),
    )
    await Promise.all(callers)
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  test('whose entrance is refused says why, and not what followed from it', async () => {
    const actor = { ...tenants[4]!.member, orgId: 'not an id' as OrgId }
    const refused = db.database.tenant(actor).tx((tx) => tx.select().from(schema.collection))
    await expect(refused).rejects.toMatchObject({ code: '22P02' })
  })

  test('whose entrance is refused sends no more than what was on its way', async () => {
    const actor = { ...tenants[4]!.member, orgId: 'not an id' as OrgId }
    let later: unknown
    const refused = db.database.tenant(actor).tx(async (tx) => {
      await tx.execute(sql`select 1`).catch(() => {})
      later = await tx.execute(sql`select 2`).catch((error: unknown) => error)
    })
    await expect(refused).rejects.toMatchObject({ code: '22P02' })
    expect(later).toMatchObject({ cause: { message: 'the transaction is over' } })
  })

  test('fails without telling what was in it', async () => {
    const tenant = tenants[5]!
    const secret = 'the-secret-of-the-document'
    const twice = tenant.as(tenant.owner).tx(async (tx) => {
      const values = { orgId: tenant.orgId, name: secret }
      await tx.insert(schema.collection).values([
        { ...values, id: newId() },
        { ...values, id: newId() },
      ])
    })
    const error = await twice.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: '23505', constraint: 'collection_name' })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret)

    const account = { name: secret, email: secret }
    const { user } = authSchema
    await db.database.auth.insert(user).values(account)
    const again = await db.database.auth
      .insert(user)
      .values(account)
      .catch((thrown: unknown) => thrown)
    expect(again).toMatchObject({ cause: { code: '23505', constraint: 'user_email_unique' } })
    expect(inspect(again, { depth: 10, showHidden: true })).not.toContain(secret)
  })
})

describe('the pool', () => {
  const select = (database: Database) =>
    database.tenant(tenants[6]!.member).tx((tx) => tx.select().from(schema.collection))

  test('recovers by itself when the server ends every connection under load', async () => {
    const one = db.open({ pool: { max: 4 } })
    await Promise.all([1, 2, 3, 4].map(() => select(one)))
    const load = Array.from({ length: 200 }, () => outcomeOf(select(one)))
    await db.owner.unsafe(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    const outcomes = new Set(await Promise.all(load))
    outcomes.delete('done')
    outcomes.delete('unavailable')
    expect([...outcomes]).toEqual([])
    expect(await select(one)).toHaveLength(1)
  })

  test('discards a connection that leads to a read-only server', async () => {
    const one = db.open({ pool: { max: 1 } })
    const tenant = tenants[7]!
    const write = () =>
      one
        .tenant(tenant.owner)
        .tx((tx) => tx.insert(schema.collection).values({ orgId: tenant.orgId, id: newId(), name: newId() }))
    const [name] = await db.owner.unsafe<{ name: string }[]>('select current_database() as name')
    await db.owner.unsafe(`alter database ${name!.name} set default_transaction_read_only = on`)
    await expect(write()).rejects.toMatchObject({ code: 'unavailable' })
    await db.owner.unsafe(`alter database ${name!.name} reset default_transaction_read_only`)
    await expect(write()).resolves.toBeDefined()
  })

  test('that is busy is not away', { timeout: 60_000 }, async () => {
    const one = db.open({ pool: { max: 1 } })
    let busy = true
    const callers = Array.from({ length: 12 }, async () => {
      while (busy)
        await one
          .tenant(tenants[6]!.member)
          .tx((tx) => tx.execute(sql`select pg_sleep(0.2)`))
          .catch(() => {})
    })
    const pinged = await outcomeOf(one.ping())
    busy = false
    await Promise.all(callers)
    expect(pinged).toBe('done')
  })

  test('replaces a connection that has become old', async () => {
    const one = db.open({ pool: { max: 1, maxLifetimeSeconds: 0.05 } })
    const pid = async () => (await one.auth.execute(sql`select pg_backend_pid() as pid`))[0]?.['pid']
    const first = await pid()
    await vi.waitUntil(async () => (await pid()) !== first, { timeout: 10_000 })
    expect(one.stats()).toMatchObject({ lent: 0, waiting: 0 })
  })
})

import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { builtQuery, schema, type TenantTx } from './index.ts'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from './testing/index.ts'

const { collection } = schema
let db: TestDatabase
let tenants: TestTenant[]
beforeAll(async () => {
  db = await createTestDatabase()
  tenants = await Promise.all([createTenant(db), createTenant(db), createTenant(db)])
  for (const tenant of tenants) await createCollection(tenant, { name: 'Reports' })
})
afterAll(() => db.close())

const byName = builtQuery<{ orgId: string }[]>()
let built = 0
const build = (tx: TenantTx) => {
  built++
  return tx
    .select({ orgId: collection.orgId })
    .from(collection)
    .where(eq(collection.name, sql.placeholder('name')))
}

test('a query is built once, and each run reads in its own transaction', async () => {
  const runs = Array.from({ length: 60 }, async (_, i) => {
    const tenant = tenants[i % tenants.length]!
    const rows = await tenant.as(tenant.member).tx(async (tx) => {
      const [one, other] = await Promise.all([
        byName(tx, 'name', build, { name: 'Reports' }),
        byName(tx, 'name', build, { name: 'Nothing' }),
      ])
      return [...one, ...other]
    })
    expect(rows).toEqual([{ orgId: tenant.orgId }])
  })
  await Promise.all(runs)
  expect(built).toBe(1)
})

test('it runs in no transaction but the one it is given, and in none that is over', async () => {
  const tenant = tenants[0]!
  let kept: TenantTx | undefined
  await tenant.as(tenant.member).tx((tx) => {
    kept = tx
    return Promise.resolve()
  })
  await expect(byName(kept!, 'name', build, { name: 'Reports' })).rejects.toMatchObject({
    cause: { message: 'the transaction is over' },
  })
  const unknown: TenantTx = Object.create(kept!)
  await expect(byName(unknown, 'name', build, { name: 'Reports' })).rejects.toMatchObject({
    cause: { message: 'a built query ran outside of a transaction' },
  })
})

test('it runs in the transactions of another copy of its module, as a bundle may have it', async () => {
  vi.resetModules()
  const copy = await import('./built-query.ts')
  expect(copy.builtQuery).not.toBe(builtQuery)
  const byNameInCopy = copy.builtQuery<{ orgId: string }[]>()
  const tenant = tenants[0]!
  const rows = await tenant.as(tenant.member).tx((tx) => byNameInCopy(tx, 'name', build, { name: 'Reports' }))
  expect(rows).toEqual([{ orgId: tenant.orgId }])
})

import type { DatabaseAdapter } from '@quarry/config'
import { AppError } from '@quarry/contracts'
import { openDatabase, schema } from '../index.ts'
import { createCollection, createTenant, type TestDatabase, type TestTenant } from './index.ts'
import { endingOf } from './interleaving-endings.ts'
import { ProbingPool } from './probing-pool.ts'

/** Organisations that each have one collection, named by their own id: whose row it is can be read off the row. */
export const createNamedTenants = async (db: TestDatabase, count: number): Promise<TestTenant[]> => {
  const tenants = await Promise.all(Array.from({ length: count }, () => createTenant(db)))
  await Promise.all(tenants.map((tenant) => createCollection(tenant, { name: tenant.orgId })))
  return tenants
}

export const outcomeOf = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run
    return 'done'
  } catch (error) {
    if (error instanceof AppError) return error.code
    return error instanceof Error ? error.name : 'thrown'
  }
}

/** Twenty for each connection: always somebody waits, to whom a connection is handed on with the commit on its way. */
const AT_ONCE = 40

/**
 * Runs `count` transactions of all tenants through a pool of two, ending in every way there is. Counts rows that were not
 * the tenant's own (or missing), the endings that were seen, and of the connections that came back: how many were looked
 * at, and how many had a context left.
 */
export const interleave = async (
  db: TestDatabase,
  tenants: readonly TestTenant[],
  count: number,
  adapter: DatabaseAdapter = db.adapter,
) => {
  let pool: ProbingPool | undefined
  const options = { pool: { max: 2, acquireTimeoutMs: 60_000 }, applicationName: 'quarry interleaving' }
  const one = openDatabase(adapter, options, (poolOptions) => (pool = new ProbingPool(poolOptions)))
  let foreign = 0
  const endings = new Set<string>()
  const run = async (i: number) => {
    const tenant = tenants[(i * 7) % tenants.length]!
    const ending = endingOf(i)
    const transaction = one.tenant(tenant.member).tx(
      async (tx) => {
        const rows = await tx.select().from(schema.collection)
        foreign += rows.filter((row) => row.orgId !== tenant.orgId).length + (rows.length === 1 ? 0 : 1)
        await ending.run(tx, db)
        const again = await tx.select({ name: schema.collection.name }).from(schema.collection)
        foreign += again.filter((row) => row.name !== tenant.orgId).length
      },
      { timeoutMs: ending.timeoutMs },
    )
    endings.add(`${ending.name}: ${await outcomeOf(transaction)}`)
  }
  let next = 0
  const caller = async () => {
    while (next < count) await run(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
  await one.close()
  return {
    foreign,
    leftovers: pool?.leftovers ?? 0,
    lookedAt: pool?.lookedAt ?? 0,
    handedOn: pool?.handedOn ?? 0,
    endings: [...endings].toSorted((x, y) => x.localeCompare(y)),
  }
}

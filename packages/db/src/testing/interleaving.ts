import { sql } from 'drizzle-orm'
import { AppError } from '@quarry/contracts'
import { newId, schema, type TenantTx } from '../index.ts'
import { createCollection, createTenant, type TestDatabase, type TestTenant } from './index.ts'

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

const contextLeft = sql`select coalesce(current_setting('app.org_id', true), '') || coalesce(current_setting('app.collection_ids', true), '')
  || case when current_user = session_user then '' else current_user::text end as context`

/**
 * Runs `count` transactions of all tenants at once through a pool of two, ending in every way there is. Counts rows that
 * were not the tenant's own (or missing), connections that came back with a context, and the endings that were seen.
 */
export const interleave = async (db: TestDatabase, tenants: readonly TestTenant[], count: number) => {
  const one = db.open({ pool: { max: 2, acquireTimeoutMs: 30 * 60_000 } })
  let foreign = 0
  let leftovers = 0
  const endings = new Set<string>()
  const runs = Array.from({ length: count }, async (_, i) => {
    const tenant = tenants[(i * 7) % tenants.length]!
    const ending = i % 20 === 0 ? PAST_DEADLINE : ENDINGS[(i * 13) % ENDINGS.length]!
    const run = one.tenant(tenant.member).tx(
      async (tx) => {
        const rows = await tx.select().from(schema.collection)
        foreign += rows.filter((row) => row.orgId !== tenant.orgId).length + (rows.length === 1 ? 0 : 1)
        await ending.run(tx)
        const again = await tx.select({ name: schema.collection.name }).from(schema.collection)
        foreign += again.filter((row) => row.name !== tenant.orgId).length
      },
      { timeoutMs: ending.timeoutMs },
    )
    endings.add(`${ending.name}: ${await outcomeOf(run)}`)
    if (i % 5 !== 0) return
    const [row] = await one.auth.execute<{ context: string }>(contextLeft)
    leftovers += row?.context === '' ? 0 : 1
  })
  await Promise.all(runs)
  return { foreign, leftovers, endings: [...endings].toSorted((x, y) => x.localeCompare(y)) }
}

export const EVERY_ENDING = [
  'a branch goes on: Error',
  'commits: done',
  'past its deadline: unavailable',
  'refused by a policy: DatabaseError',
  'swallows an error: DatabaseError',
  'throws: RangeError',
]

interface Ending {
  readonly name: string
  readonly timeoutMs: number
  run(tx: TenantTx): Promise<unknown>
}
/** Costs its connection, so it comes once in twenty. */
const PAST_DEADLINE: Ending = {
  name: 'past its deadline',
  timeoutMs: 60,
  run: (tx) => tx.execute(sql`select pg_sleep(5)`),
}
const ENDINGS: readonly Ending[] = [
  { name: 'commits', timeoutMs: 30_000, run: () => Promise.resolve() },
  { name: 'throws', timeoutMs: 30_000, run: () => Promise.reject(new RangeError('a bug')) },
  {
    name: 'refused by a policy',
    timeoutMs: 30_000,
    run: (tx) => tx.insert(schema.collection).values({ orgId: newId(), id: newId(), name: 'x' }),
  },
  { name: 'swallows an error', timeoutMs: 30_000, run: (tx) => tx.execute(sql`select 1 / 0`).catch(() => {}) },
  {
    name: 'a branch goes on',
    timeoutMs: 30_000,
    run: (tx) => {
      const branch = async () => {
        for (let i = 0; i < 20; i++) await tx.execute(sql`select 1`)
      }
      branch().catch(() => {})
      return Promise.reject(new Error('while a branch goes on'))
    },
  },
]

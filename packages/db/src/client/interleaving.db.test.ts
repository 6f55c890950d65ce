import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schema } from '../index.ts'
import { createTestDatabase, type TestDatabase, type TestTenant } from '../testing/index.ts'
import { EVERY_ENDING } from '../testing/interleaving-endings.ts'
import { createNamedTenants, interleave } from '../testing/interleaving.ts'

let db: TestDatabase
let tenants: TestTenant[]
beforeAll(async () => {
  db = await createTestDatabase()
  tenants = await createNamedTenants(db, 20)
})
afterAll(() => db.close())

/** `npm test` runs a tenth of what the proof does. */
const COUNT = 1_000

describe('check 2: connections that are lent from tenant to tenant', () => {
  test('never sees another tenant, however the others on its connection ended', { timeout: 180_000 }, async () => {
    const seen = await interleave(db, tenants, COUNT)
    expect(seen).toMatchObject({ foreign: 0, leftovers: 0 })
    // Each way of ending was really taken, and connections were looked at as they came back and as they went on.
    expect(seen.endings).toEqual(EVERY_ENDING)
    expect(seen.lookedAt).toBeGreaterThan(COUNT * 0.9)
    expect(seen.handedOn).toBeGreaterThan(COUNT * 0.1)
  })

  test('control: every tenant sees what is its own', async () => {
    for (const tenant of tenants)
      expect(
        await tenant.as(tenant.member).tx((tx) => tx.select({ name: schema.collection.name }).from(schema.collection)),
      ).toEqual([{ name: tenant.orgId }])
  })

  /** What each protection is there for: without it the same look finds something. The database is the test's own. */
  test.each([
    {
      without: 'the end of the context with its transaction',
      sql: `do $$ begin execute replace(pg_get_functiondef('app_enter'::regproc), 'org::text, true', 'org::text, false'); end $$`,
      finds: 'leftovers',
    },
    { without: 'the policies', sql: 'alter table collection disable row level security', finds: 'foreign' },
  ] as const)('mutation: $finds are found without $without', { timeout: 60_000 }, async ({ sql, finds }) => {
    const broken = await createTestDatabase()
    try {
      const some = await createNamedTenants(broken, 3)
      const whole = await interleave(broken, some, 30)
      expect(whole).toMatchObject({ foreign: 0, leftovers: 0 })
      await broken.owner.unsafe(sql)
      expect((await interleave(broken, some, 30))[finds]).toBeGreaterThan(0)
    } finally {
      await broken.close()
    }
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { processReport } from './schema/index.ts'
import { createTenant, createTestDatabase, type TestDatabase } from './testing/index.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const report = (figures: Record<string, unknown>) => ({
  ...({ process: 'web-1', kind: 'web', index: 0, host: 'here', build: 'b', startedAt: new Date() } as const),
  figures,
})

it('is written and read by the system, has a bound, and is out of reach for everybody who is in an organisation', async () => {
  await db.database.system((tx) => tx.insert(processReport).values(report({ requests: 1 })))
  expect(await db.database.system((tx) => tx.select({ index: processReport.index }).from(processReport))).toEqual([
    { index: 0 },
  ])
  const large = report({ note: 'x'.repeat(5_000) })
  await expect(db.database.system((tx) => tx.insert(processReport).values(large))).rejects.toThrow()
  const tenant = await createTenant(db)
  for (const actor of [tenant.owner, tenant.admin, tenant.member, tenant.apiKey, tenant.system]) {
    const read = tenant.as(actor).tx((tx) => tx.select().from(processReport))
    await expect(read, actor.kind).rejects.toThrow()
    const write = tenant.as(actor).tx((tx) => tx.insert(processReport).values(report({})))
    await expect(write, actor.kind).rejects.toThrow()
  }
})

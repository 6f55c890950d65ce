import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'
import { EVERY_ENDING } from '../testing/interleaving-endings.ts'
import { createNamedTenants, interleave } from '../testing/interleaving.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

describe('check 2: connections that are lent from tenant to tenant', () => {
  test('10,000 interleaved transactions of 20 tenants never see a foreign row', async () => {
    const seen = await interleave(db, await createNamedTenants(db, 20), 10_000)
    expect(seen).toMatchObject({ foreign: 0, leftovers: 0, endings: EVERY_ENDING })
  })
})

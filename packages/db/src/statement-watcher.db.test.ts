import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authSchema, schema, statementKind, type WatchedStatement } from './index.ts'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from './testing/index.ts'

let db: TestDatabase
let tenant: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  tenant = await createTenant(db)
  await createCollection(tenant, { name: 'watched' })
})
afterAll(() => db.close())

test('whoever watches sees what is sent, and can ask in the same transaction', async () => {
  const seen: WatchedStatement[] = []
  const roles: unknown[] = []
  const watched = db.open({
    watch: async (statement, run, ask) => {
      seen.push(statement)
      if (statement.entrance) roles.push(...(await ask('select current_user::text', [], 'arrays')))
      return run()
    },
  })
  const rows = await watched.tenant(tenant.member).tx((tx) => tx.select().from(schema.collection))
  expect(rows).toMatchObject([{ name: 'watched' }])
  await watched.system((tx) => tx.execute(sql`select 1`))
  await watched.auth.select({ id: authSchema.user.id }).from(authSchema.user).limit(1)
  await watched.accounts(async (tx, enter) => {
    await tx.select({ id: authSchema.user.id }).from(authSchema.user).limit(1)
    await enter(tenant.member)
  })
  expect(seen.map(({ text, entrance }) => `${entrance ? '> ' : ''}${text.slice(0, 16)}`)).toEqual([
    '> select app_enter',
    'select "org_id",',
    '> select set_confi',
    'select 1',
    'select "id" from',
    '> select set_confi',
    'select "id" from',
    'select app_enter',
  ])
  expect(roles).toEqual([['app_user'], ['app_system'], ['login']])
})

test.each([
  ['select *\n  from a where b in ($1, $2,  $3)', 'select * from a where b in (?)'],
  ['select 1 from a where b in ($1)', 'select 1 from a where b in (?)'],
  ['insert into a values ($1, default, $2), ($3, default, $4)', 'insert into a values (?, default, ?)'],
  ['select a($1::uuid, $2) where b = $3', 'select a(?) where b = ?'],
])('the kind of %j is %j', (text, kind) => {
  expect(statementKind(text)).toBe(kind)
})

import { MOST_COLLECTIONS, MOST_KEYS, MOST_MEMBERS } from '@quarry/contracts'
import { createTenant, type TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProcess, type Process } from './testing/tenancy.ts'

let process: Process
let tenant: TestTenant
beforeAll(async () => {
  process = await startProcess()
  tenant = await createTenant(process.database)
})
afterAll(() => process.close())

const input = { name: 'One more', email: 'one.more@quarry.test' }
/** Per list that has no pages: what makes one more, and what fills it up to `n` of these. */
const BOUNDED = [
  {
    path: 'collections.create',
    most: MOST_COLLECTIONS,
    there: 'select count(*)::int as n from collection where org_id = $1',
    fill: `insert into collection (org_id, id, name) select $1, gen_random_uuid(), 'Collection ' || i from generate_series(1, $2::int) i`,
    one: { name: input.name },
    another: { name: 'And another' },
  },
  {
    path: 'keys.create',
    most: MOST_KEYS,
    there: 'select count(*)::int as n from auth.apikey where reference_id = $1::text',
    fill: `insert into auth.apikey (config_id, reference_id, key) select 'organisation', $1::text, gen_random_uuid()::text from generate_series(1, $2::int)`,
    one: { name: input.name, role: 'viewer' },
    another: { name: 'And another', role: 'viewer' },
  },
  {
    path: 'invitations.create',
    most: MOST_MEMBERS,
    there: 'select count(*)::int as n from auth.member where organization_id = $1',
    fill: `with person as (
        insert into auth."user" (name, email) select 'Person', gen_random_uuid() || '@quarry.test' from generate_series(1, $2::int) returning id)
      insert into auth.member (organization_id, user_id) select $1, id from person`,
    one: { email: input.email, role: 'viewer' },
    another: { email: 'and.another@quarry.test', role: 'viewer' },
  },
]

test.each(BOUNDED)('$path makes the last one that there is room for, and no more', async (bounded) => {
  const { path, most, there, fill, one, another } = bounded
  const [row] = await process.database.owner.unsafe<{ n: number }[]>(there, [tenant.orgId])
  await process.database.owner.unsafe(fill, [tenant.orgId, most - 1 - (row?.n ?? 0)])
  expect(await process.try(tenant.owner, path, one)).toMatchObject({ ok: true })
  const refused = await process.try(tenant.owner, path, another)
  expect(refused).toMatchObject({ ok: false, status: 409 })
  expect(JSON.stringify(refused)).toContain(most.toLocaleString('en'))
})

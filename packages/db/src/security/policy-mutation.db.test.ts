import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'
import { findLeaks, installProbe, onTable, planProbes, type ProbePlan } from './probes.ts'
import { createScene } from './scene.ts'

interface Policy {
  readonly table: string
  readonly name: string
  readonly command: string
  readonly role: string
  readonly using: string | null
  readonly check: string | null
}

let db: TestDatabase
let plan: ProbePlan
let policies: readonly Policy[]
beforeAll(async () => {
  db = await createTestDatabase()
  await installProbe(db.owner)
  plan = await planProbes(db, await createScene(db))
  policies = await db.owner.unsafe<Policy[]>(
    `select tablename as table, policyname as name, cmd as command, array_to_string(roles, ', ') as role, qual as using, with_check as check
     from pg_policies where schemaname = 'public' order by 1, 2`,
  )
})
afterAll(() => db.close())

const create = ({ table, name, command, role, using, check }: Policy): string =>
  `create policy ${name} on ${table} for ${command} to ${role}
   ${using === null ? '' : `using (${using})`} ${check === null ? '' : `with check (${check})`}`

/** Applies a change, looks, and puts the policy back. */
const leaksWith = async (policy: Policy, change: string | undefined): Promise<number> => {
  await db.owner.unsafe(`drop policy ${policy.name} on ${policy.table}`)
  if (change !== undefined) await db.owner.unsafe(change)
  try {
    return (await findLeaks(onTable(plan, policy.table))).length
  } finally {
    await db.owner.unsafe(`drop policy if exists ${policy.name} on ${policy.table}`)
    await db.owner.unsafe(create(policy))
  }
}

describe('check 3: the policies', () => {
  test(
    'mutation: without any one policy, or with any one opened to everybody, the probes find it',
    { timeout: 300_000 },
    async () => {
      expect(policies.length).toBeGreaterThan(20)
      const unnoticed: string[] = []
      for (const policy of policies) {
        const said = `${policy.name} on ${policy.table}`
        if ((await leaksWith(policy, undefined)) === 0) unnoticed.push(`dropped: ${said}`)
        if (policy.using === 'true' || (policy.using === null && policy.check === 'true')) continue
        if (policy.using !== null && (await leaksWith(policy, create({ ...policy, using: 'true' }))) === 0)
          unnoticed.push(`using (true): ${said}`)
        if (policy.check !== null && (await leaksWith(policy, create({ ...policy, check: 'true' }))) === 0)
          unnoticed.push(`with check (true): ${said}`)
      }
      expect(unnoticed).toEqual([])
      expect(await findLeaks(plan)).toEqual([])
    },
  )

  test('mutation: without row-level security on any one table the probes find it', { timeout: 300_000 }, async () => {
    const tables = [...new Set(policies.map((policy) => policy.table))]
    const unnoticed: string[] = []
    for (const table of tables) {
      await db.owner.unsafe(`alter table ${table} disable row level security`)
      if ((await findLeaks(onTable(plan, table))).length === 0) unnoticed.push(table)
      await db.owner.unsafe(`alter table ${table} enable row level security`)
    }
    expect(unnoticed).toEqual([])
  })

  test('control: with all of them the probes find nothing, and try every table', async () => {
    expect(await findLeaks(plan)).toEqual([])
    const tables = [...new Set(policies.map((policy) => policy.table))]
    const untried = tables.filter((table) => onTable(plan, table).every(({ probes }) => probes.length === 0))
    expect(untried).toEqual([])
  })
})

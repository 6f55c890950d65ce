import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@quarry/contracts'
import { newId, schema, type Database, type TenantTx } from '../index.ts'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '../testing/index.ts'
import { superuser } from '../testing/template.ts'

/** As check 31 has it: whoever cannot be served is told so in time. */
const TOLD_MS = 5_000
/** Timers of a busy machine fire late; the bounds themselves are well below. */
const LATE_MS = 1_500
const ENDLESS_MS = 600_000

let db: TestDatabase
let tenant: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  tenant = await createTenant(db)
})
afterAll(() => db.close())

const never = new Promise<never>(() => {})
const pause = (ms: number) => new Promise<'still waits'>((resolve) => setTimeout(resolve, ms, 'still waits'))
const run = (database: Database, work: (tx: TenantTx) => Promise<unknown>, timeoutMs?: number) =>
  database.tenant(tenant.owner).tx(work, timeoutMs === undefined ? {} : { timeoutMs })
const add = (tx: TenantTx) => {
  const id = newId()
  return tx.insert(schema.collection).values({ orgId: tenant.orgId, id, name: id })
}
/** Status and milliseconds of a call that must fail. */
const refusalOf = async (call: Promise<unknown>) => {
  const started = performance.now()
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { http: error instanceof AppError ? error.http : error, ms: performance.now() - started }
}
const expectTold = ({ http, ms }: Awaited<ReturnType<typeof refusalOf>>) => {
  expect(http).toBe(503)
  expect(ms).toBeLessThan(TOLD_MS + LATE_MS)
}

describe('check 31: who meets', () => {
  test('a lock that somebody holds is told in time', { timeout: 60_000 }, async () => {
    const holder = superuser(db.adapter.kind === 'postgres' ? (db.adapter.ownerUrl ?? '') : '')
    const free = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const holding = holder.begin(async (locked) => {
      await locked.unsafe('lock table collection in share mode')
      held.resolve()
      await free.promise
    })
    await held.promise
    const one = db.open({ pool: { max: 2 } })
    // Without the role's bound and without a deadline of ours it waits as long as the lock is held.
    const endless = run(
      one,
      (tx) => tx.execute(sql`select set_config('lock_timeout', '0', true)`).then(() => add(tx)),
      ENDLESS_MS,
    )
    endless.catch(() => {})
    expectTold(await refusalOf(run(one, add)))
    expect(await Promise.race([endless, pause(0)])).toBe('still waits')
    free.resolve()
    await holding
    await holder.end()
    await endless
    await run(one, add)
  })

  test('a slow statement is told in time', { timeout: 60_000 }, async () => {
    const one = db.open({ pool: { max: 2 } })
    expectTold(await refusalOf(run(one, (tx) => tx.execute(sql`select pg_sleep(60)`))))
    await run(one, add)
  })

  test(
    'mutation: a slow statement without a deadline of ours and of the role is not told',
    { timeout: 60_000 },
    async () => {
      const endless = run(
        db.open({ pool: { max: 2 } }),
        async (tx) => {
          await tx.execute(sql`select set_config('statement_timeout', '0', true)`)
          return tx.execute(sql`select pg_sleep(8)`)
        },
        ENDLESS_MS,
      )
      expect(await Promise.race([endless, pause(TOLD_MS + LATE_MS)])).toBe('still waits')
      await endless
    },
  )

  test(
    'a transaction that waits for something else is told in time, and holds nothing',
    { timeout: 60_000 },
    async () => {
      const one = db.open({ pool: { max: 2 }, applicationName: 'quarry idle' })
      expectTold(
        await refusalOf(
          run(one, async (tx) => {
            await add(tx)
            await never
          }),
        ),
      )
      await expect
        .poll(
          () =>
            db.owner`select 1 from pg_stat_activity where application_name = 'quarry idle' and state like 'idle in%'`,
          { timeout: 5_000 },
        )
        .toHaveLength(0)
      await run(one, add)
    },
  )

  test('an exhausted pool is told in time, and so are all who wait behind slow ones', { timeout: 60_000 }, async () => {
    const one = db.open({ pool: { max: 2 } })
    const calls = Array.from({ length: 12 }, () => refusalOf(run(one, (tx) => tx.execute(sql`select pg_sleep(60)`))))
    await pause(2_500)
    // These get a connection when the first are cut, with a part of their own time already gone.
    const later = Array.from({ length: 4 }, () => refusalOf(run(one, (tx) => tx.execute(sql`select pg_sleep(60)`))))
    for (const refusal of await Promise.all([...calls, ...later])) expectTold(refusal)
    await run(one, add)
  })

  test('control: nothing of the kind is served', async () => {
    await expect(run(db.database, add)).resolves.toBeDefined()
  })

  test('the role that connects has bounds of its own, for whatever forgets a deadline', async () => {
    const settings = await db.database.auth.execute<{ name: string; seconds: number }>(sql`
    select name, (setting::integer / 1000)::integer as seconds from pg_settings
    where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') and source = 'user' order by name`)
    expect([...settings]).toEqual([
      { name: 'idle_in_transaction_session_timeout', seconds: 15 },
      { name: 'lock_timeout', seconds: 3 },
      { name: 'statement_timeout', seconds: 30 },
    ])
  })
})

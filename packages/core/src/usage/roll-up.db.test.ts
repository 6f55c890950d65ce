import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFileBlobStore } from '@quarry/blobs'
import { readAdapters } from '@quarry/config'
import { newId } from '@quarry/db'
import { BOTH_DATABASES, createTenant, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { rollUpUsage } from './roll-up.ts'

/** A database process is started; other suites run beside this one. */
const slow = 120_000

describe.each(BOTH_DATABASES)('usage by day, on %s', (_name, create) => {
  let db: TestDatabase
  let a: TestTenant
  let b: TestTenant
  beforeAll(async () => {
    db = await create()
    a = await createTenant(db)
    b = await createTenant(db)
  }, slow)
  afterAll(() => db.close(), slow)

  const spend = (tenant: TestTenant, daysAgo: number, time: string, tokens: number, model = 'm') =>
    db.owner.unsafe(
      `insert into usage_event (org_id, id, kind, owner_id, model, input_tokens, output_tokens, created_at)
       values ($1, $2, 'answer', $3, $4, $5, 1, ((now() at time zone 'UTC')::date - $6::int + $7::time) at time zone 'UTC')`,
      [tenant.orgId, newId(), tenant.owner.id, model, tokens, daysAgo, time],
    )
  const roll = () =>
    rollUpUsage(
      {
        database: db.database,
        blobs: openFileBlobStore('/nowhere'),
        redis: null,
        adapters: readAdapters({}),
        logger: createLogger({ name: 'test', level: 'silent' }),
        model: '',
        backfill: async () => 0,
      },
      new AbortController().signal,
    )
  const days = () =>
    db.owner.unsafe<{ org: string; ago: number; model: string; events: number; input: number }[]>(
      `select org_id as org, ((now() at time zone 'UTC')::date - day)::int as ago, model, events, input_tokens::int as input
       from usage_day order by ago, org_id, model`,
    )

  test('is the sum of the events of days that are over, once, however many sum up', async () => {
    await spend(a, 1, '00:00:00', 10)
    await spend(a, 1, '23:59:59.999', 20)
    await spend(a, 1, '12:00:00', 5, 'other')
    await spend(a, 2, '23:59:59.999', 100)
    await spend(b, 1, '12:00:00', 7)
    await spend(a, 0, '00:00:00', 1000)
    await Promise.all([roll(), roll(), roll()])
    await roll()
    const expected = [
      { org: a.orgId, ago: 1, model: 'm', events: 2, input: 30 },
      { org: a.orgId, ago: 1, model: 'other', events: 1, input: 5 },
      { org: b.orgId, ago: 1, model: 'm', events: 1, input: 7 },
      { org: a.orgId, ago: 2, model: 'm', events: 1, input: 100 },
    ]
    expect(new Set((await days()).map((row) => JSON.stringify(row)))).toEqual(
      new Set(expected.map((row) => JSON.stringify(row))),
    )
  })

  test('has what came late, and keeps the days of events that were deleted as a whole', async () => {
    await spend(a, 1, '23:00:00', 3)
    // As after a long pause: nothing was summed up since.
    await db.owner.unsafe('delete from usage_day')
    await spend(a, 91, '23:59:59', 50)
    await spend(a, 90, '00:00:00', 60)
    const counts = await roll()
    expect(counts['deleted']).toBe(1)
    const all = await days()
    expect(all.find(({ ago, org, model }) => ago === 1 && org === a.orgId && model === 'm')?.input).toBe(33)
    expect(all.filter(({ ago }) => ago >= 90).map(({ ago, input }) => [ago, input])).toEqual([
      [90, 60],
      [91, 50],
    ])
    await roll()
    expect(await days()).toEqual(all)
  })

  test('begins a little before the last time', async () => {
    await db.owner.unsafe(
      `insert into cron_run (id, name, state, started_at) values (gen_random_uuid(), 'usage-rollup', 'succeeded', now())`,
    )
    await spend(a, 2, '12:00:00', 1_000)
    await spend(a, 3, '12:00:00', 9_000)
    await roll()
    const sums = (await days()).filter(({ ago, org, model }) => org === a.orgId && model === 'm' && ago < 4)
    expect(sums.map(({ ago, input }) => [ago, input])).toEqual([
      [1, 33],
      [2, 1_100],
    ])
  })
})

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from './ids.ts'
import type { TenantTx } from './tenant.ts'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from './testing/index.ts'

const KIND = 'test.turn'
let db: TestDatabase
let a: TestTenant
let b: TestTenant
let c: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  ;[a, b, c] = [await createTenant(db), await createTenant(db), await createTenant(db)]
})
beforeEach(async () => {
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`delete from job_run`
  await db.owner`delete from worker_heartbeat`
})
afterAll(() => db.close())

const as = <T>(tenant: TestTenant, run: (tx: TenantTx) => Promise<T>) => tenant.as(tenant.system).tx(run)
const call = async <T>(tenant: TestTenant, query: ReturnType<typeof sql>): Promise<T> =>
  as(tenant, async (tx) => {
    const [row] = (await tx.execute(query)) as { value: T }[]
    return row?.value as T
  })

interface Options {
  readonly key?: string
  readonly bulk?: boolean
  readonly runAt?: string
  readonly queue?: string
}
const put = (tenant: TestTenant, name: string, { key, bulk, runAt, queue }: Options = {}) =>
  call<string>(
    tenant,
    sql`select enqueue_job(${KIND}, ${JSON.stringify({ name })}::jsonb, 3, 0, ${runAt ?? null}::timestamptz, ${key ?? null}::text,
      ${queue ?? null}::text, ${bulk ?? false}::boolean, ${newId()}::uuid) as value`,
  )

interface Taken {
  readonly tenant: TestTenant
  readonly run: string
  readonly job: string
  readonly worker: string
  readonly name: string
  readonly verdict: string
  readonly attempt: number
}
/** As graphile-worker takes the next of the line, and the wrapper its row. */
const take = async (worker = 'w1'): Promise<Taken | null> => {
  const [row] = await db.owner<{ id: string; payload: { orgId: string; jobRunId: string; name: string } }[]>`
    update graphile_worker._private_jobs set locked_by = ${worker}, locked_at = now(), attempts = attempts + 1
    where id = (select id from graphile_worker._private_jobs where is_available and run_at <= now() order by priority, run_at limit 1)
    returning id::text, payload`
  if (row === undefined) return null
  const tenant = [a, b, c].find(({ orgId }) => orgId === row.payload.orgId)
  if (tenant === undefined) throw new Error('a job of nobody')
  const started = await as(
    tenant,
    async (tx) =>
      (await tx.execute(
        sql`select verdict, attempt from app_job_started(${row.payload.jobRunId}::uuid, ${row.id}::bigint, ${worker})`,
      )) as { verdict: string; attempt: number }[],
  )
  const [{ verdict, attempt } = { verdict: 'none', attempt: 0 }] = started
  return { tenant, run: row.payload.jobRunId, job: row.id, worker, name: row.payload.name, verdict, attempt }
}
const end = (job: Taken, outcome = 'succeeded', delayMs = 0) =>
  call<boolean>(
    job.tenant,
    sql`select app_job_ended(${job.run}::uuid, ${job.attempt}, ${job.worker}, ${outcome}, ${delayMs}, 'x') as value`,
  )
const lost = (job: Taken, delays = '{0}') =>
  call<string | null>(
    job.tenant,
    sql`select app_job_lost(${job.run}::uuid, ${job.worker}, 5, ${delays}::integer[]) as value`,
  )
const states = async (tenant: TestTenant) => {
  const rows = await db.owner<{ name: string; state: string }[]>`
    select payload ->> 'name' as name, state from job_run where org_id = ${tenant.orgId} order by created_at`
  return rows.map(({ name, state }) => `${name} ${state}`)
}
const count = async (tenant: TestTenant, state: string) =>
  (await states(tenant)).filter((line) => line.endsWith(` ${state}`)).length
const order = async (most: number) => {
  const names: string[] = []
  for (let i = 0; i < most; i++) {
    const job = await take()
    if (job === null) break
    names.push(job.name)
    await end(job)
  }
  return names
}

describe('whose turn it is', () => {
  test('an organisation has two jobs in the line, or as many as there are places for them', async () => {
    for (const n of [1, 2, 3, 4]) await put(a, `a${n}`)
    expect(await states(a)).toEqual(['a1 queued', 'a2 queued', 'a3 waiting', 'a4 waiting'])
    await db.owner`insert into worker_heartbeat (pool_id, host, places, kinds) values
      ('p1', 'h', 2, array[${KIND}]), ('p2', 'h', 2, array[${KIND}]), ('other', 'h', 9, array['test.other'])`
    await db.owner`insert into worker_heartbeat (pool_id, host, places, kinds, seen_at) values ('dead', 'h', 9, array[${KIND}], now() - interval '31 seconds')`
    for (const n of [5, 6]) await put(a, `a${n}`)
    expect(await states(a)).toEqual(['a1 queued', 'a2 queued', 'a3 queued', 'a4 queued', 'a5 waiting', 'a6 waiting'])
  })

  test('two organisations take turns, however long the line of the first', async () => {
    for (const n of [1, 2, 3, 4, 5, 6]) await put(a, `a${n}`, { bulk: true })
    for (const n of [1, 2, 3]) await put(b, `b${n}`, { bulk: true })
    expect(await order(9)).toEqual(['a1', 'a2', 'b1', 'b2', 'a3', 'a4', 'b3', 'a5', 'a6'])
  })

  test('so do three, and one that comes late waits for the windows of the others, not for their jobs', async () => {
    for (const n of [1, 2, 3, 4, 5]) await put(a, `a${n}`, { bulk: true })
    for (const n of [1, 2, 3, 4, 5]) await put(b, `b${n}`, { bulk: true })
    expect(await order(2)).toEqual(['a1', 'a2'])
    await put(c, 'c1', { bulk: true })
    expect(await order(9)).toEqual(['b1', 'b2', 'a3', 'a4', 'c1', 'b3', 'b4', 'a5', 'b5'])
  })

  test('what somebody waits for overtakes bulk of others, which was there before', async () => {
    for (const n of [1, 2, 3]) await put(a, `a${n}`, { bulk: true })
    await put(b, 'b1')
    expect(await order(4)).toEqual(['b1', 'a1', 'a2', 'a3'])
  })

  test('eight jobs to be done are a heap: those that come now are bulk', async () => {
    for (let n = 1; n <= 10; n++) await put(a, `a${n}`)
    const rows = await db.owner<{ bulk: boolean }[]>`select bulk from job_run order by created_at`
    expect(rows.map(({ bulk }) => bulk)).toEqual([...Array<boolean>(8).fill(false), true, true])
    const [flags] = await db.owner<{ flags: object }[]>`select flags from graphile_worker._private_jobs limit 1`
    expect(flags?.flags).toEqual({ [`kind:${KIND}`]: true })
  })

  test('a priority counts among an organisation’s own jobs alone, and takes a place in the line from one of them', async () => {
    for (const n of [1, 2, 3, 4]) await put(a, `a${n}`, { bulk: true })
    await put(b, 'b1', { bulk: true })
    const [a4] = await db.owner<{ id: string }[]>`select id from job_run where payload ->> 'name' = 'a4'`
    expect(await call(a, sql`select app_prioritise_job(${a4?.id}::uuid, -5) as value`)).toBe(true)
    expect(await states(a)).toEqual(['a1 queued', 'a2 waiting', 'a3 waiting', 'a4 queued'])
    expect(await order(5)).toEqual(['a1', 'b1', 'a4', 'a2', 'a3'])
  })

  test('twenty at the same time: none is forgotten, and the window closes again', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => put(a, `a${n}`)))
    expect((await states(a)).length).toBe(20)
    // Each of those that did not see the others may have let one in.
    const inLine = await count(a, 'queued')
    expect(inLine).toBeGreaterThanOrEqual(2)
    const done = new Set<string>()
    for (;;) {
      const taken = [await take('w1')].filter((job) => job !== null)
      if (taken.length === 0) break
      await Promise.all(taken.map((job) => end(job)))
      for (const { name } of taken) done.add(name)
    }
    expect(done.size).toBe(20)
    expect(await count(a, 'succeeded')).toBe(20)
  })

  test('ends at the same time let in the next ones, each another', async () => {
    for (let n = 0; n < 12; n++) await put(a, `a${n}`, { bulk: true })
    for (let round = 0; round < 6; round++) {
      const [one, two] = [await take('w1'), await take('w2')]
      if (one === null || two === null) throw new Error(`round ${round} has nothing to do`)
      await Promise.all([end(one), end(two)])
    }
    expect(await count(a, 'succeeded')).toBe(12)
  })
})

describe('an attempt', () => {
  test('is written with its end, and the line has no row of it any more', async () => {
    await put(a, 'a1')
    const job = await take()
    if (job === null) throw new Error('nothing')
    expect(job).toMatchObject({ verdict: 'run', attempt: 1 })
    const told = (stage: string, progress: number) =>
      call(a, sql`select app_job_progress(${job.run}::uuid, 1, 'w1', ${stage}, ${progress}) as value`)
    expect([await told('reading', 0), await told('indexing', 40), await told('indexing', 60)]).toEqual([
      true,
      true,
      true,
    ])
    expect(await end(job)).toBe(true)
    expect(await db.owner`select state, attempt, worker, progress, job_id from job_run`).toMatchObject([
      { state: 'succeeded', attempt: 1, worker: 'w1', progress: 100, job_id: null },
    ])
    const [attempt] = await db.owner<{ state: string; stages: { stage: string }[] }[]>`select * from job_attempt`
    expect(attempt).toMatchObject({ state: 'succeeded', progress: 60 })
    expect(attempt?.stages.map(({ stage }) => stage)).toEqual(['reading', 'indexing'])
    expect(await db.owner`select from graphile_worker._private_jobs`).toHaveLength(0)
  })

  test('that failed waits outside of the line, and holds no place of the window', async () => {
    for (const n of [1, 2, 3]) await put(a, `a${n}`, { bulk: true })
    const job = await take()
    if (job === null) throw new Error('nothing')
    await end(job, 'retrying', 60_000)
    expect(await states(a)).toEqual(['a1 retrying', 'a2 queued', 'a3 queued'])
    await db.owner`update job_run set run_at = now() - interval '1 second' where state = 'retrying'`
    expect(await order(4)).toEqual(['a2', 'a3', 'a1'])
  })

  test('that its worker gave back does not count, and keeps its place', async () => {
    for (const n of [1, 2]) await put(a, `a${n}`, { bulk: true })
    const job = await take()
    if (job === null) throw new Error('nothing')
    await end(job, 'returned')
    expect(await states(a)).toEqual(['a1 queued', 'a2 queued'])
    expect(await db.owner`select attempt, max_attempts from job_run where id = ${job.run}`).toEqual([
      { attempt: 1, max_attempts: 4 },
    ])
    expect(await order(2)).toEqual(['a1', 'a2'])
  })

  test('that was taken away ends nothing: neither the job nor the line of its successor', async () => {
    await put(a, 'a1')
    const first = await take('w1')
    if (first === null) throw new Error('nothing')
    expect(await lost(first)).toBe('again')
    const second = await take('w2')
    if (second === null) throw new Error('nothing')
    expect(second.attempt).toBe(2)
    expect([await end(first), await lost(first)]).toEqual([false, null])
    expect(await states(a)).toEqual(['a1 running'])
    expect(await db.owner`select locked_by from graphile_worker._private_jobs`).toEqual([{ locked_by: 'w2' }])
    expect(await end(second)).toBe(true)
    expect(await db.owner`select attempt, state from job_attempt order by attempt`).toEqual([
      { attempt: 1, state: 'lost' },
      { attempt: 2, state: 'succeeded' },
    ])
  })

  test('a death between the line and the row costs nothing', async () => {
    await put(a, 'a1')
    await db.owner`update graphile_worker._private_jobs set locked_by = 'dead', locked_at = now()`
    await db.owner`select graphile_worker.force_unlock_workers(array['dead'])`
    expect(await take('w2')).toMatchObject({ verdict: 'run', attempt: 1 })
  })

  test('five deaths are enough, counted once each; one that came further than ever is none of them', async () => {
    await put(a, 'a1')
    await db.owner`update job_run set max_attempts = 5`
    const die = async (progress: number) => {
      const job = await take('w1')
      if (job === null) throw new Error('nothing')
      await call(
        a,
        sql`select app_job_progress(${job.run}::uuid, ${job.attempt}, 'w1', 'reading', ${progress}) as value`,
      )
      return { job, verdict: await lost(job) }
    }
    for (const progress of [40, 40, 41, 41, 40]) expect((await die(progress)).verdict).toBe('again')
    const { job, verdict } = await die(41)
    expect(verdict).toBe('over')
    expect(await lost(job)).toBe('over')
    expect(await db.owner`select state, crashes from job_run`).toEqual([{ state: 'running', crashes: 5 }])
    expect(await end(job, 'failed')).toBe(true)
    expect(await states(a)).toEqual(['a1 failed'])
  })

  test('of a named queue opens it for the next', async () => {
    await put(a, 'a1', { queue: 'one', bulk: true })
    await put(a, 'a2', { queue: 'one', bulk: true })
    const job = await take('w1')
    if (job === null) throw new Error('nothing')
    await db.owner`update graphile_worker._private_job_queues set locked_by = 'w1', locked_at = now()`
    await end(job)
    expect(await db.owner`select from graphile_worker._private_job_queues where locked_by is not null`).toHaveLength(0)
  })
})

describe('what people do', () => {
  const id = async (name: string) =>
    (await db.owner<{ id: string }[]>`select id from job_run where payload ->> 'name' = ${name}`)[0]?.id ?? ''

  test('cancel: what has not begun is out at once and the next is let in; what runs is asked', async () => {
    for (const n of [1, 2, 3]) await put(a, `a${n}`, { bulk: true })
    const cancel = async (name: string) =>
      call<string | null>(a, sql`select app_cancel_job(${await id(name)}::uuid) as value`)
    expect(await cancel('a2')).toBe('cancelled')
    expect(await states(a)).toEqual(['a1 queued', 'a2 cancelled', 'a3 queued'])
    const job = await take()
    expect(await cancel('a1')).toBe('running')
    expect(
      await db.owner`select cancel_requested_at is not null as asked from job_run where id = ${job?.run ?? ''}`,
    ).toEqual([{ asked: true }])
    if (job !== null) await end(job, 'cancelled')
    expect(await cancel('a1')).toBe('cancelled')
    expect(await call(b, sql`select app_cancel_job(${await id('a3')}::uuid) as value`)).toBeNull()
    expect(await count(a, 'queued')).toBe(1)
  })

  test('retry: a failed job runs again, with its history and as many attempts as a new one', async () => {
    await put(a, 'a1')
    const job = await take()
    if (job === null) throw new Error('nothing')
    await end(job, 'failed')
    expect(await call(b, sql`select app_retry_job(${job.run}::uuid, 3) as value`)).toBe(false)
    expect(await call(a, sql`select app_retry_job(${job.run}::uuid, 3) as value`)).toBe(true)
    expect(await call(a, sql`select app_retry_job(${job.run}::uuid, 3) as value`)).toBe(false)
    expect(await take()).toMatchObject({ verdict: 'run', attempt: 2 })
    expect(await db.owner`select max_attempts from job_run`).toEqual([{ max_attempts: 4 }])
  })

  test('a key: a job that has not begun is replaced where it stands; one that runs is not', async () => {
    const first = await put(a, 'old', { key: 'k' })
    expect(await put(a, 'new', { key: 'k' })).toBe(first)
    expect(await states(a)).toEqual(['new queued'])
    await take()
    expect(await put(a, 'newer', { key: 'k' })).not.toBe(first)
    expect(await put(b, 'theirs', { key: 'k' })).not.toBe(first)
  })

  test('pause and resume say whether they changed anything', async () => {
    const asked = async (query: ReturnType<typeof sql>) =>
      db.database.system(async (tx) => ((await tx.execute(query)) as { value: boolean }[])[0]?.value)
    const [pause, resume] = [
      sql`select app_pause_kind(${KIND}, 'me') as value`,
      sql`select app_resume_kind(${KIND}) as value`,
    ]
    expect([await asked(pause), await asked(pause), await asked(resume), await asked(resume)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })
})

test('a job for later waits outside of the line', async () => {
  await put(a, 'later', { runAt: new Date(Date.now() + 3_600_000).toISOString() })
  expect(await states(a)).toEqual(['later waiting'])
  expect(await take()).toBeNull()
  expect(await call(a, sql`select app_admit_jobs(${KIND}) as value`)).toBe(0)
  await db.owner`update job_run set run_at = now() - interval '1 second'`
  expect(await call(a, sql`select app_admit_jobs(${KIND}) as value`)).toBe(1)
})

test('a row of the line that is not its job’s any more is stale, and one of another organisation is none', async () => {
  await put(a, 'a1')
  const [row] = await db.owner<{ id: string; run: string }[]>`
    select id::text, payload ->> 'jobRunId' as run from graphile_worker._private_jobs`
  const started = (tenant: TestTenant, job: string) =>
    as(tenant, (tx) => tx.execute(sql`select verdict from app_job_started(${row?.run}::uuid, ${job}::bigint, 'w')`))
  expect(await started(a, '999999')).toEqual([{ verdict: 'stale' }])
  expect(await started(b, row?.id ?? '0')).toEqual([])
  expect(await call(b, sql`select queue_take_out(${row?.id}::bigint) as value`)).toBe(false)
  expect(await call(a, sql`select queue_take_out(${row?.id}::bigint) as value`)).toBe(true)
  expect(await call(a, sql`select app_job_missing(${row?.run}::uuid, ${row?.id}) as value`)).toBe(true)
  expect(await states(a)).toEqual(['a1 queued'])
})

test('a job that an older version has put into the line gets its row once', async () => {
  await db.owner`select graphile_worker.add_job(${KIND}, json_build_object('orgId', ${a.orgId}::text, 'name', 'old'))`
  const [row] = await db.owner<{ id: string }[]>`select id::text from graphile_worker._private_jobs`
  const adopt = (tenant: TestTenant) =>
    call<string | null>(
      tenant,
      sql`select app_adopt_job(${row?.id}::bigint, ${KIND}, '{"name": "old"}'::jsonb, ${newId()}::uuid, 3, 0) as value`,
    )
  expect(await adopt(b)).toBeNull()
  expect(await adopt(a)).not.toBeNull()
  expect(await adopt(a)).toBeNull()
  expect(await take()).toMatchObject({ verdict: 'run', attempt: 1 })
})

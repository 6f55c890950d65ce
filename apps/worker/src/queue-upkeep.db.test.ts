import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAdapters, readLimits } from '@quarry/config'
import { createWorkerCore, type WorkerCore } from '@quarry/core/worker'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { documentProcess, enqueue } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { lanesOf } from './lanes.ts'

let db: TestDatabase
let folder: string
beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-upkeep-'))
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

const newCore = (of = db) => {
  const adapters = { ...readAdapters({ QUARRY_DATA: folder }), database: of.adapter }
  const logger = createLogger({ name: 'test', level: 'silent' })
  return createWorkerCore({ adapters, limits: readLimits({}), logger, queueRunners: lanesOf(1).length })
}
const put = async () => {
  const tenant = await createTenant(db)
  await tenant.as(tenant.owner).tx((tx) => enqueue(tx, documentProcess, { versionId: newId() }))
}
const jobs = () => db.owner`select from graphile_worker._private_jobs`

test('a job that the queue has lost is put back, and one whose moment has come is let in', async () => {
  await put()
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`update job_run set updated_at = now() - interval '31 seconds'`
  const core = newCore()
  try {
    expect(await core.jobs.requeueMissing()).toBe(1)
    expect(await jobs()).toHaveLength(1)
    expect(await core.jobs.requeueMissing()).toBe(0)
    await db.owner`delete from graphile_worker._private_jobs`
    await db.owner`update job_run set state = 'retrying', job_id = null, run_at = now() - interval '1 second'`
    expect(await core.jobs.admitDue()).toBe(1)
    expect(await core.jobs.admitDue()).toBe(0)
  } finally {
    await core.close()
  }
})

describe('what waits costs nothing', () => {
  const HEAP = 20_000
  let crowded: TestDatabase
  beforeAll(async () => {
    crowded = await createTestDatabase()
    const tenant = await createTenant(crowded)
    await crowded.owner`
      insert into job_run (org_id, id, kind, state, created_at)
      select ${tenant.orgId}::uuid, gen_random_uuid(), 'document.process', case when i <= 2 then 'running' else 'waiting' end,
        now() - i * interval '1 millisecond' from generate_series(1, ${HEAP}) i`
    await crowded.owner`analyze job_run`
  }, 60_000)
  afterAll(() => crowded.close())

  /** Rows of job_run that one look reads, as the server itself counts them. */
  const rowsRead = async (look: (core: WorkerCore) => Promise<unknown>): Promise<number> => {
    const core = newCore(crowded)
    const count = async () => {
      const [row] = await crowded.owner<{ read: number }[]>`
        select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_user_tables where relname = 'job_run'`
      return row?.read ?? 0
    }
    try {
      const before = await count()
      await look(core)
      // A session tells its counts when it ends.
      await core.close()
      await vi.waitFor(async () => expect(await count()).toBeGreaterThan(before), { timeout: 10_000 })
      return (await count()) - before
    } finally {
      await core.close()
    }
  }

  test('the look for those whose turn it is takes a step for each organisation, and not for each job', async () => {
    expect(await rowsRead((core) => core.jobs.admitDue())).toBeLessThan(100)
  })

  test('control: measuring the queue reads them all', async () => {
    expect(await rowsRead((core) => core.jobs.depth())).toBeGreaterThanOrEqual(HEAP - 2)
  })
})

test('a job that the queue has lost is found behind more that are well than one look reads', async () => {
  const tenant = await createTenant(db)
  // All that one look sees is where it should be: rows of the line with the numbers that these jobs name.
  await db.owner`
    with line as (
      select j.id, j.n from (select gen_random_uuid() as id, i as n from generate_series(1, 500) i) j),
    put as (
      select l.id, l.n, (select p.id from graphile_worker.add_job('document.process',
        json_build_object('orgId', ${tenant.orgId}::text, 'jobRunId', l.id)) p) as job from line l)
    insert into job_run (org_id, id, job_id, kind, state, created_at, updated_at)
    select ${tenant.orgId}::uuid, id, job::text, 'document.process', 'queued', now() - interval '1 day' + n * interval '1 millisecond',
      now() - interval '1 hour' from put`
  await db.owner`
    insert into job_run (org_id, id, job_id, kind, state, updated_at)
    values (${tenant.orgId}, ${newId()}, '999999999', 'document.process', 'queued', now() - interval '1 hour')`
  const core = newCore()
  try {
    expect(await core.jobs.requeueMissing()).toBe(0)
    expect(await core.jobs.requeueMissing()).toBe(1)
  } finally {
    await core.close()
  }
})

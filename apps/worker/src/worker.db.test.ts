import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAdapters, readLimits } from '@quarry/config'
import { AppError, type VersionId } from '@quarry/contracts'
import { createWorkerCore, type WorkerCore } from '@quarry/core/worker'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { documentEmbed, documentProcess, enqueue, type JobContext, type JobEnd, type JobHandlers } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { CLOCK_RUNNERS } from './cron.ts'
import { lanesOf } from './lanes.ts'
import { startWorker, type Worker } from './worker.ts'

/** How long a job may take to be seen; it takes a few hundred milliseconds. */
const SOON = { timeout: 15_000, interval: 20 }
const logger = createLogger({ name: 'test', level: 'silent' })

let db: TestDatabase
let folder: string
let tenant: TestTenant
let versionId: VersionId
let runs: JobContext[]
let exhausted: string[]
let ends: JobEnd[]
let embedded: string[]
/** What the handler does; each test says. */
let work: (context: JobContext) => Promise<void>
let embedding: (context: JobContext) => Promise<void>
const workers: Worker[] = []

const handlers: JobHandlers = {
  'document.process': {
    run: async (payload, context) => {
      expect(payload).toEqual({ versionId })
      runs.push(context)
      await work(context)
    },
    exhausted: (payload, _context, end) => {
      exhausted.push(payload.versionId)
      ends.push(end)
      return Promise.resolve()
    },
  },
  'document.embed': {
    run: async (payload, context) => {
      embedded.push(payload.versionId)
      await embedding(context)
    },
    exhausted: () => Promise.resolve(),
  },
}

beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-worker-'))
})
beforeEach(async () => {
  tenant = await createTenant(db)
  versionId = newId() as VersionId
  runs = []
  exhausted = []
  ends = []
  embedded = []
  work = () => Promise.resolve()
  embedding = () => Promise.resolve()
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`delete from job_run`
  await db.owner`delete from job_pause`
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

const newCore = (): WorkerCore => {
  const adapters = { ...readAdapters({ QUARRY_DATA: folder }), database: db.adapter }
  return createWorkerCore({ adapters, limits: readLimits({}), logger, queueRunners: lanesOf(1).length + CLOCK_RUNNERS })
}
const start = async () => {
  const worker = startWorker({ core: newCore(), handlers, logger, concurrency: 1 })
  workers.push(worker)
  await worker.ready
  return worker
}
const put = () => tenant.as(tenant.owner).tx((tx) => enqueue(tx, documentProcess, { versionId }))
const jobs = () =>
  db.owner<
    { attempts: number; locked: boolean }[]
  >`select attempts, locked_at is not null as locked from graphile_worker._private_jobs`
const history = () => db.owner<{ state: string; attempt: number; errorClass: string | null }[]>`
  select state, attempt, error_class as "errorClass" from job_attempt where org_id = ${tenant.orgId} order by created_at, attempt`
const rows = () => db.owner<{ state: string; errorClass: string | null }[]>`
  select state, error_class as "errorClass" from job_run where org_id = ${tenant.orgId} order by created_at`
/** What a person does with a job, in a transaction of his organisation. */
const asOrganisation = (statement: string, values: (string | number)[]) =>
  db.owner.begin(async (tx) => {
    await tx`select set_config('app.org_id', ${tenant.orgId}, true)`
    await tx.unsafe(statement, values)
  })
/** As a worker leaves a job behind that is killed while it runs it, having begun it so often. */
const die = async (attempts: number) => {
  const [row] = await db.owner<{ id: string }[]>`
    update graphile_worker._private_jobs set locked_by = 'pool-of-the-dead', locked_at = now() - interval '31 seconds' returning id::text`
  await db.owner`
    update job_run set state = 'running', worker = 'pool-of-the-dead', attempt = ${attempts}, updated_at = now() - interval '31 seconds'
    where job_id = ${row?.id ?? ''}`
  await db.owner`
    insert into job_attempt (org_id, job_run_id, attempt, worker, state)
    select org_id, id, attempt, worker, 'running' from job_run where job_id = ${row?.id ?? ''}`
}

test('runs a job once, as the system of the organisation that enqueued it', async () => {
  await start()
  await put()
  await vi.waitFor(
    async () => expect(await history()).toEqual([{ state: 'succeeded', attempt: 1, errorClass: null }]),
    SOON,
  )
  expect(runs).toHaveLength(1)
  expect(runs[0]).toMatchObject({ actor: { kind: 'system', orgId: tenant.orgId }, claim: { attempt: 1 } })
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), SOON)
})

test('a transaction that is rolled back leaves no job', async () => {
  const failing = tenant.as(tenant.owner).tx(async (tx) => {
    await enqueue(tx, documentProcess, { versionId })
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await jobs()).toEqual([])
})

test('tries again after an error that may pass', async () => {
  work = ({ claim }) => (claim?.attempt === 1 ? Promise.reject(new AppError('unavailable')) : Promise.resolve())
  await start()
  await put()
  await vi.waitFor(
    async () =>
      expect(await history()).toEqual([
        { state: 'retrying', attempt: 1, errorClass: 'unavailable' },
        { state: 'succeeded', attempt: 2, errorClass: null },
      ]),
    SOON,
  )
  expect(exhausted).toEqual([])
})

test('ends a job at once when trying again cannot help', async () => {
  work = () => Promise.reject(new AppError('not_found'))
  await start()
  await put()
  await vi.waitFor(
    async () => expect(await history()).toEqual([{ state: 'failed', attempt: 1, errorClass: 'not_found' }]),
    SOON,
  )
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), SOON)
  expect(exhausted).toEqual([versionId])
})

test('a worker that was taken for dead leaves the job to the one that has it now', async () => {
  work = async () => {
    await db.owner`update graphile_worker._private_jobs set locked_by = 'pool-of-another'`
    await db.owner`update job_run set worker = 'pool-of-another', attempt = 2`
  }
  await start()
  await db.owner`insert into worker_heartbeat (pool_id, host) values ('pool-of-another', 'elsewhere')`
  await put()
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  expect(await jobs()).toMatchObject([{ locked: true }])
  expect(await rows()).toEqual([{ state: 'running', errorClass: null }])
  await db.owner`delete from worker_heartbeat where pool_id = 'pool-of-another'`
})

test('after the last attempt, what the job was about is told so', async () => {
  work = () => Promise.reject(new Error('again and again'))
  await put()
  await db.owner`update job_run set attempt = max_attempts - 1`
  await start()
  await vi.waitFor(() => expect(exhausted).toEqual([versionId]), SOON)
  await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'failed', errorClass: 'Error' }]), SOON)
  expect(await jobs()).toEqual([])
  expect(runs).toHaveLength(1)
})

test("frees a dead worker's job: its next attempt counts the one that was lost", async () => {
  await put()
  await die(1)
  await start()
  await vi.waitFor(() => expect(runs).toMatchObject([{ claim: { attempt: 2 } }]), SOON)
  await vi.waitFor(
    async () =>
      expect(await history()).toEqual([
        { state: 'lost', attempt: 1, errorClass: 'worker_lost' },
        { state: 'succeeded', attempt: 2, errorClass: null },
      ]),
    SOON,
  )
})

test('a job in which workers died five times fails, visibly; the others go on, and so may it', async () => {
  await put()
  await die(1)
  await db.owner`update job_run set crashes = ${documentProcess.maxCrashes - 1}`
  await start()
  await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'failed', errorClass: 'worker_lost' }]), SOON)
  expect(exhausted).toEqual([versionId])
  expect([await jobs(), runs]).toEqual([[], []])
  const [row] = await db.owner<{ id: string }[]>`select id from job_run where org_id = ${tenant.orgId}`
  await asOrganisation('select app_retry_job($1, $2)', [row?.id ?? '', 5])
  await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'succeeded', errorClass: null }]), SOON)
})

test('a job that was cancelled while it ran stops within two seconds, and what it was about is told so', async () => {
  work = ({ signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  await start()
  const id = await put()
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
  await asOrganisation('select app_cancel_job($1)', [id])
  const asked = performance.now()
  await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'cancelled', errorClass: 'cancelled' }]), SOON)
  // Two seconds are promised, and this machine may be busy.
  expect(performance.now() - asked).toBeLessThan(6_000)
  expect([exhausted, ends]).toEqual([[versionId], ['cancelled']])
  expect(await jobs()).toEqual([])
})

test('a kind that is paused is not taken; what runs goes on, and what waits runs when it is resumed', async () => {
  await start()
  await db.owner`insert into job_pause (kind, paused_by) values (${documentProcess.name}, 'me')`
  // Workers look every 400 ms.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await put()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(runs).toHaveLength(0)
  await db.owner`select app_resume_kind(${documentProcess.name})`
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
})

test('where a job is stands in its row and in its attempt', async () => {
  work = async ({ report }) => {
    report('reading', 0)
    await vi.waitFor(async () => expect(await place()).toEqual([{ stage: 'reading', progress: 0 }]), SOON)
    report('indexing', 40)
    await vi.waitFor(async () => expect(await place()).toEqual([{ stage: 'indexing', progress: 40 }]), SOON)
  }
  const place = () => db.owner`select stage, progress from job_run where org_id = ${tenant.orgId}`
  await start()
  await put()
  await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'succeeded', errorClass: null }]), SOON)
  const [attempt] = await db.owner<
    { stages: { stage: string }[] }[]
  >`select stages from job_attempt where org_id = ${tenant.orgId}`
  expect(attempt?.stages.map(({ stage }) => stage)).toEqual(['reading', 'indexing'])
})

test('a heap leaves a place to what somebody waits for', async () => {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  work = ({ bulk }) => (bulk ? held : Promise.resolve())
  await start()
  await tenant.as(tenant.owner).tx(async (tx) => {
    for (let i = 0; i < 3; i++) await enqueue(tx, documentProcess, { versionId }, { bulk: true })
  })
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
  const other = await createTenant(db)
  await other.as(other.owner).tx((tx) => enqueue(tx, documentProcess, { versionId }))
  await vi.waitFor(() => expect(runs).toHaveLength(2), SOON)
  expect(runs.map(({ bulk }) => bulk)).toEqual([true, false])
  release()
  await vi.waitFor(() => expect(runs).toHaveLength(4), SOON)
})

test('leaves the job of a worker that lives', async () => {
  await put()
  await die(1)
  await db.owner`insert into worker_heartbeat (pool_id, host) values ('pool-of-the-dead', 'elsewhere')`
  await start()
  expect(await jobs()).toMatchObject([{ locked: true }])
  expect(runs).toEqual([])
  await db.owner`delete from worker_heartbeat where pool_id = 'pool-of-the-dead'`
})

test('a job of a version before this one gets its row, and its work done', async () => {
  await db.owner`select graphile_worker.add_job(${documentProcess.name}, json_build_object('versionId', ${versionId}::text, 'orgId', ${tenant.orgId}::text))`
  await start()
  await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'succeeded', errorClass: null }]), SOON)
  expect(await jobs()).toEqual([])
})

test('a job whose last end could not be written does not stay for ever', async () => {
  await put()
  await db.owner`update job_run set attempt = max_attempts`
  await start()
  await vi.waitFor(() => expect(exhausted).toEqual([versionId]), SOON)
  await vi.waitFor(async () => expect(await rows()).toEqual([{ state: 'failed', errorClass: 'worker_lost' }]), SOON)
  expect(runs).toEqual([])
})

test('stopping aborts what runs, and gives it back without counting it', async () => {
  work = ({ signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const worker = await start()
  await put()
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
  const started = performance.now()
  await worker.stop()
  expect(performance.now() - started).toBeLessThan(15_000)
  expect(await jobs()).toEqual([{ attempts: 0, locked: false }])
  expect(await history()).toMatchObject([{ state: 'returned' }])
  expect(await rows()).toEqual([{ state: 'queued', errorClass: null }])
})

test('stopping lets a job end that ends soon', async () => {
  let release: () => void = () => undefined
  work = () => new Promise((resolve) => (release = resolve))
  const worker = await start()
  await put()
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
  const stopped = worker.stop()
  release()
  await stopped
  expect(await rows()).toEqual([{ state: 'succeeded', errorClass: null }])
})

test('a line of embeddings does not hold up a file', async () => {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  embedding = () => held
  await start()
  const ids = [newId(), newId(), newId()] as VersionId[]
  await tenant.as(tenant.owner).tx(async (tx) => {
    for (const id of ids) await enqueue(tx, documentEmbed, { versionId: id })
  })
  await vi.waitFor(() => expect(embedded).toHaveLength(1), SOON)
  await put()
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
  expect(embedded).toHaveLength(1)
  release()
  await vi.waitFor(() => expect(embedded.toSorted()).toEqual(ids.toSorted()), SOON)
})

test('stops at once, also while it starts', async () => {
  const worker = startWorker({ core: newCore(), handlers, logger, concurrency: 1 })
  const started = performance.now()
  await worker.stop()
  expect(performance.now() - started).toBeLessThan(7_000)
})

test('takes jobs again when the database has cut every connection', async () => {
  await start()
  await db.owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await put().catch(() => put())
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
})

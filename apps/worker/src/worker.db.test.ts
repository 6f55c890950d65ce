import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAdapters, readLimits } from '@quarry/config'
import { AppError, type VersionId } from '@quarry/contracts'
import { createWorkerCore, type WorkerCore } from '@quarry/core/worker'
import { newId, schema } from '@quarry/db'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { documentEmbed, documentProcess, enqueue, type JobContext, type JobHandlers } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
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
    exhausted: (payload) => {
      exhausted.push(payload.versionId)
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
  embedded = []
  work = () => Promise.resolve()
  embedding = () => Promise.resolve()
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await db.owner`delete from graphile_worker._private_jobs`
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

const newCore = (): WorkerCore => {
  const adapters = { ...readAdapters({ QUARRY_DATA: folder }), database: db.adapter }
  return createWorkerCore({ adapters, limits: readLimits({}), logger, queueRunners: lanesOf(1).length })
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
  select state, attempt, error_class as "errorClass" from job_run where org_id = ${tenant.orgId} order by created_at, id`
/** As a worker leaves a job behind that is killed while it runs it. */
const die = (attempts: number) => db.owner`
  update graphile_worker._private_jobs set locked_by = 'pool-of-the-dead', locked_at = now() - interval '31 seconds', attempts = ${attempts}`

test('runs a job once, as the system of the organisation that enqueued it', async () => {
  await start()
  await put()
  await vi.waitFor(
    async () => expect(await history()).toEqual([{ state: 'succeeded', attempt: 1, errorClass: null }]),
    SOON,
  )
  expect(runs).toHaveLength(1)
  expect(runs[0]).toMatchObject({ actor: { kind: 'system', orgId: tenant.orgId }, attempt: 1 })
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
  work = ({ attempt }) => (attempt === 1 ? Promise.reject(new AppError('unavailable')) : Promise.resolve())
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
    await db.owner`update graphile_worker._private_jobs set locked_by = 'pool-of-another', attempts = 2`
    throw new AppError('conflict')
  }
  await start()
  await db.owner`insert into worker_heartbeat (pool_id, host) values ('pool-of-another', 'elsewhere')`
  await put()
  await vi.waitFor(async () => expect(await history()).toMatchObject([{ errorClass: 'conflict' }]), SOON)
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  expect(await jobs()).toEqual([{ attempts: 2, locked: true }])
  await db.owner`delete from worker_heartbeat where pool_id = 'pool-of-another'`
})

test('after the last attempt, what the job was about is told so', async () => {
  work = () => Promise.reject(new Error('again and again'))
  await put()
  await db.owner`update graphile_worker._private_jobs set attempts = max_attempts - 1`
  await start()
  await vi.waitFor(() => expect(exhausted).toEqual([versionId]), SOON)
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), SOON)
  expect(runs).toHaveLength(1)
})

test("frees a dead worker's job", async () => {
  await put()
  await die(1)
  await start()
  await vi.waitFor(() => expect(runs).toMatchObject([{ attempt: 1 }]), SOON)
})

test("a worker's death does not count, not even in a job's last attempt", async () => {
  await put()
  await die(documentProcess.maxAttempts)
  await start()
  await vi.waitFor(() => expect(runs).toMatchObject([{ attempt: documentProcess.maxAttempts }]), SOON)
  expect(exhausted).toEqual([])
})

test('leaves the job of a worker that lives', async () => {
  await put()
  await die(1)
  await db.owner`insert into worker_heartbeat (pool_id, host) values ('pool-of-the-dead', 'elsewhere')`
  await start()
  expect(await jobs()).toEqual([{ attempts: 1, locked: true }])
  await db.owner`delete from worker_heartbeat where pool_id = 'pool-of-the-dead'`
})

test('a job whose last end could not be written does not stay for ever', async () => {
  await put()
  await db.owner`update graphile_worker._private_jobs set attempts = max_attempts`
  await start()
  await vi.waitFor(() => expect(exhausted).toEqual([versionId]), SOON)
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), SOON)
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
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(await jobs()).toEqual([{ attempts: 0, locked: false }])
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

test('a file that waits and has lost its job is put back into the queue; one that has its job, or is new, is not', async () => {
  const tenantDb = tenant.as(tenant.system)
  const collectionId = await createCollection(tenant)
  const insert = async (id: VersionId, age: string) => {
    const documentId = newId()
    await tenantDb.tx(async (tx) => {
      const row = { orgId: tenant.orgId, collectionId }
      await tx.insert(schema.document).values({ ...row, id: documentId, sourcePath: `${id}.md`, title: 'File' })
      await tx
        .insert(schema.documentVersion)
        .values({ ...row, id, documentId, state: 'uploaded', blobKey: 'x', sizeBytes: 1, mediaType: 'text/markdown' })
    })
    await db.owner`update document_version set updated_at = now() - ${age}::interval where id = ${id}`
  }
  const [queued, young] = [newId() as VersionId, newId() as VersionId]
  await insert(versionId, '11 minutes')
  await insert(queued, '11 minutes')
  await insert(young, '9 minutes')
  const later = { runAt: new Date(Date.now() + 3_600_000) }
  await tenantDb.tx((tx) => enqueue(tx, documentProcess, { versionId: queued }, later))
  await start()
  // The handler expects this version and no other.
  await vi.waitFor(() => expect(runs).toHaveLength(1), SOON)
  await vi.waitFor(async () => expect(await jobs()).toHaveLength(1), SOON)
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

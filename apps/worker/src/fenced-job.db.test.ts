import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { documentProcess, enqueue, type JobHandlers } from '@quarry/jobs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { IDLE, startOneWorker } from './testing/one-worker.ts'
import type { Worker } from './worker.ts'

/** What is promised of a job that nobody has: it runs again within a minute. */
const WITHIN_A_MINUTE = { timeout: 60_000, interval: 50 }
const MANY_SECONDS = 150_000

let db: TestDatabase
let folder: string
let tenant: TestTenant
const workers: Worker[] = []
/** The first attempt waits here until the test lets it go on; those after it end at once. */
let goOn: PromiseWithResolvers<void>
let runs = 0
/** How often somebody ended what the job is about. */
let buried = 0
const handlers: JobHandlers = {
  'document.process': {
    run: async () => {
      if (++runs === 1) await goOn.promise
    },
    exhausted: () => Promise.resolve(void buried++),
  },
  'document.embed': IDLE,
}

beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-fenced-'))
  tenant = await createTenant(db)
})
afterEach(async () => {
  goOn.resolve()
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`delete from job_run`
  ;[runs, buried] = [0, 0]
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

const start = async () => {
  const worker = startOneWorker(db, folder, handlers)
  workers.push(worker)
  await worker.ready
}
const job = async () => (await db.owner<{ state: string; attempt: number }[]>`select state, attempt from job_run`)[0]
const attempts = () =>
  db.owner<{ attempt: number; state: string }[]>`select attempt, state from job_attempt order by attempt`
/** A worker is in the middle of the only job. */
const begin = async () => {
  goOn = Promise.withResolvers<void>()
  await tenant.as(tenant.owner).tx((tx) => enqueue(tx, documentProcess, { versionId: newId() }))
  // Its first attempt is its last one, until somebody says otherwise.
  await db.owner`update job_run set max_attempts = 1`
  await start()
  await vi.waitFor(async () => expect(await job()).toEqual({ state: 'running', attempt: 1 }), WITHIN_A_MINUTE)
}
/** What a successor does to the row before anything else. */
const raise = () => db.owner`update job_run set attempt = attempt + 1, max_attempts = 5`

describe('check 11: the end of an attempt that is not the current one', () => {
  test(
    'is refused where the attempt of the job is higher, and the job runs again within a minute',
    { timeout: MANY_SECONDS },
    async () => {
      await begin()
      await raise()
      goOn.resolve()
      await vi.waitFor(async () => expect(await job()).toEqual({ state: 'succeeded', attempt: 3 }), WITHIN_A_MINUTE)
      expect(runs).toBe(2)
      // What the late worker did was not written as an end of its attempt, and not as one of the other.
      expect(await attempts()).toEqual([
        { attempt: 1, state: 'running' },
        { attempt: 3, state: 'succeeded' },
      ])
    },
  )

  test(
    'ends nothing of what the job is about, even where it was the last one and failed',
    { timeout: MANY_SECONDS },
    async () => {
      await begin()
      await raise()
      goOn.reject(new Error('late'))
      await vi.waitFor(async () => expect(await job()).toEqual({ state: 'succeeded', attempt: 3 }), WITHIN_A_MINUTE)
      expect(buried).toBe(0)
    },
  )

  test('control: a last attempt that is the current one ends it', { timeout: MANY_SECONDS }, async () => {
    await begin()
    goOn.reject(new Error('in time'))
    await vi.waitFor(async () => expect(await job()).toEqual({ state: 'failed', attempt: 1 }), WITHIN_A_MINUTE)
    expect(buried).toBe(1)
  })

  test('control: where nobody raised it the first end is the end', { timeout: MANY_SECONDS }, async () => {
    await begin()
    goOn.resolve()
    await vi.waitFor(async () => expect(await job()).toEqual({ state: 'succeeded', attempt: 1 }), WITHIN_A_MINUTE)
    expect(runs).toBe(1)
  })
})

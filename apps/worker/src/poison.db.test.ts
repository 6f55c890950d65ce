import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { VersionId } from '@quarry/contracts'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { documentProcess, enqueue, type JobHandlers } from '@quarry/jobs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { IDLE, startOneWorker } from './testing/one-worker.ts'
import type { Worker } from './worker.ts'

const SOON = { timeout: 30_000, interval: 20 }
const MANY_SECONDS = 90_000

let db: TestDatabase
let folder: string
let tenant: TestTenant
let other: TestTenant
/** What takes a worker along, or fails each time. */
const poison = newId() as VersionId
let runs = 0
let ended: string[] = []
let done: string[] = []
const workers: Worker[] = []
const handlers: JobHandlers = {
  'document.process': {
    run: ({ versionId }) => {
      if (versionId !== poison) return Promise.resolve(void done.push(versionId))
      runs++
      return Promise.reject(new Error('again'))
    },
    exhausted: ({ versionId }) => Promise.resolve(void ended.push(versionId)),
  },
  'document.embed': IDLE,
}

beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-poison-'))
  ;[tenant, other] = [await createTenant(db), await createTenant(db)]
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`delete from job_run`
  ;[runs, ended, done] = [0, [], []]
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
const put = (whose: TestTenant, versionId: VersionId) =>
  whose.as(whose.owner).tx((tx) => enqueue(tx, documentProcess, { versionId }))
const poisoned = async () =>
  (
    await db.owner<{ state: string; attempt: number; errorClass: string | null }[]>`
    select state, attempt, error_class as "errorClass" from job_run where subject_id = ${poison}`
  )[0]
/** Nobody waits for a back-off here. */
const untilFailed = () =>
  vi.waitFor(async () => {
    await db.owner`update job_run set run_at = now() where state = 'retrying'`
    expect((await poisoned())?.state).toBe('failed')
  }, SOON)

describe('check 21: jobs that fail whatever is done', () => {
  test(
    'one that always throws is tried five times, fails visibly, and the jobs of all others are done meanwhile',
    { timeout: MANY_SECONDS },
    async () => {
      await start()
      await put(tenant, poison)
      const good = Array.from({ length: 4 }, () => newId() as VersionId)
      await Promise.all(good.map((id, i) => put(i % 2 === 0 ? tenant : other, id)))
      await untilFailed()
      expect(await poisoned()).toEqual({ state: 'failed', attempt: 5, errorClass: 'Error' })
      expect([runs, ended]).toEqual([5, [poison]])
      await vi.waitFor(() => expect(done.toSorted()).toEqual(good.toSorted()), SOON)
    },
  )

  test('deaths and errors count together: five attempts, whatever ended each', { timeout: MANY_SECONDS }, async () => {
    await put(tenant, poison)
    for (const attempt of [1, 2, 3]) await die(attempt)
    await start()
    await untilFailed()
    expect((await poisoned())?.attempt).toBe(5)
    // Three deaths before, and two attempts that threw.
    expect(runs).toBe(2)
  })

  test(
    'one of a kind that nobody knows holds nobody up, and is thrown away in the end',
    { timeout: MANY_SECONDS },
    async () => {
      await db.owner`select graphile_worker.add_job('document.forget', json_build_object('orgId', ${tenant.orgId}::text))`
      await db.owner`update graphile_worker._private_jobs set created_at = now() - interval '2 hours'`
      await start()
      await vi.waitFor(
        async () => expect(await db.owner`select from graphile_worker._private_jobs`).toHaveLength(0),
        SOON,
      )
      const next = newId() as VersionId
      await put(tenant, next)
      await vi.waitFor(() => expect(done).toEqual([next]), SOON)
    },
  )

  test('control: it runs again when somebody says so, as often as a new one', { timeout: MANY_SECONDS }, async () => {
    await start()
    const id = await put(tenant, poison)
    await untilFailed()
    await db.owner.begin(async (tx) => {
      await tx`select set_config('app.org_id', ${tenant.orgId}, true)`
      await tx`select app_retry_job(${id}, 5)`
    })
    await vi.waitFor(() => expect(runs).toBeGreaterThan(5), SOON)
    await untilFailed()
    expect(await poisoned()).toMatchObject({ attempt: 10, state: 'failed' })
  })

  test('mutation: where nothing is counted it goes on for ever', { timeout: MANY_SECONDS }, async () => {
    await put(tenant, poison)
    await db.owner`update job_run set max_attempts = 1000`
    await start()
    await vi.waitFor(async () => {
      await db.owner`update job_run set run_at = now() where state = 'retrying'`
      expect(runs).toBeGreaterThan(5)
    }, SOON)
    expect((await poisoned())?.state).not.toBe('failed')
  })
})

/** A worker dies in it, as its successor finds it: seen by the same function, without its process. */
const die = async (attempt: number) => {
  await db.owner`update graphile_worker._private_jobs set locked_by = 'dead', locked_at = now() - interval '31 seconds'`
  await db.owner.begin(async (tx) => {
    await tx`select set_config('app.org_id', ${tenant.orgId}, true)`
    await tx`
      select app_job_started(j.id, j.job_id::bigint, 'dead') from job_run j where j.subject_id = ${poison}`
  })
  await db.owner`update job_run set updated_at = now() - interval '31 seconds' where subject_id = ${poison}`
  // The last of them is found by the worker that starts.
  if (attempt === 3) return
  await db.owner.begin(async (tx) => {
    await tx`select set_config('app.org_id', ${tenant.orgId}, true)`
    await tx`select app_job_lost(j.id, 'dead', 5, '{0}') from job_run j where j.subject_id = ${poison}`
  })
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAdapters, readLimits } from '@quarry/config'
import type { VersionId } from '@quarry/contracts'
import { createWorkerCore } from '@quarry/core/worker'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { documentEmbed, documentProcess, enqueue, type JobHandlers } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLOCK_RUNNERS } from './cron.ts'
import { lanesOf } from './lanes.ts'
import { startWorker } from './worker.ts'

const JOBS = 24
/** What a job asks of the database at the same time: more than any pool here has. */
const AT_ONCE = 12
const READERS = 4
const logger = createLogger({ name: 'test', level: 'silent' })

let db: TestDatabase
let folder: string
let tenant: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  tenant = await createTenant(db)
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-connections-'))
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

const open = async () => {
  const [row] = await db.owner<{ count: number }[]>`
    select count(*)::integer as count from pg_stat_activity
    where datname = current_database() and application_name ~ ${`^quarry-(worker|queue) .*:${process.pid}$`}`
  return row?.count ?? 0
}

/** The least that works, and a common size. */
test.each([5, 10])(
  'a worker under load opens %i connections where it may open so many, of both drivers',
  async (max) => {
    const adapters = { ...readAdapters({ QUARRY_DATA: folder, DB_POOL_SIZE: String(max) }), database: db.adapter }
    const queueRunners = lanesOf(READERS).length + CLOCK_RUNNERS
    const core = createWorkerCore({ adapters, limits: readLimits({}), logger, queueRunners })
    let done = 0
    const run = async () => {
      await Promise.all(Array.from({ length: AT_ONCE }, () => core.jobs.cancelled(['nobody'])))
      done++
    }
    const handler = { run, exhausted: () => Promise.reject(new Error('a job failed')) }
    const handlers: JobHandlers = { 'document.process': handler, 'document.embed': handler }

    const worker = startWorker({ core, handlers, logger, concurrency: READERS })
    let most = 0
    try {
      await worker.ready
      for (let i = 0; i < JOBS; i++)
        await tenant.as(tenant.owner).tx(async (tx) => {
          const payload = { versionId: newId() as VersionId }
          await enqueue(tx, i % 2 === 0 ? documentProcess : documentEmbed, payload)
        })
      while (done < JOBS) most = Math.max(most, await open())
    } finally {
      await worker.stop()
    }
    expect(most).toBe(max)
    expect(await db.owner`select from graphile_worker._private_jobs`).toHaveLength(0)
  },
)

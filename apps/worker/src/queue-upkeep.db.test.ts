import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAdapters, readLimits } from '@quarry/config'
import { createWorkerCore } from '@quarry/core/worker'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { documentProcess, enqueue } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

const newCore = () => {
  const adapters = { ...readAdapters({ QUARRY_DATA: folder }), database: db.adapter }
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

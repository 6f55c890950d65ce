import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readAdapters, readLimits } from '@quarry/config'
import type { OrgId, VersionId } from '@quarry/contracts'
import { createWorkerCore, type WorkerCore } from '@quarry/core/worker'
import {
  createCollection,
  createDocument,
  createTenant,
  createTestDatabase,
  hashOfOrganisation,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { JOBS, type JobHandlers, type JobName } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lanesOf } from './lanes.ts'
import { createJobRunner, type QueuedJob } from './run-job.ts'
import { handlersOf } from './tasks/index.ts'

let db: TestDatabase
let folder: string
let core: WorkerCore
let a: TestTenant
let b: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-forged-'))
  const adapters = { ...readAdapters({ QUARRY_DATA: folder }), database: db.adapter }
  core = createWorkerCore({ adapters, limits: readLimits({}), logger, queueRunners: lanesOf(1).length })
  ;[a, b] = [await createTenant(db), await createTenant(db)]
})
afterAll(async () => {
  await core.close()
  await db.close()
  await rm(folder, { recursive: true })
})

const logger = createLogger({ name: 'test', level: 'silent' })

/** A version that the job has something to do for. */
const VERSIONS: Record<JobName, () => Promise<VersionId>> = {
  'document.process': async () => {
    const { versionId } = await createDocument(a, await createCollection(a))
    await db.owner`update document_version set state = 'uploaded' where id = ${versionId}`
    return versionId
  },
  'document.embed': async () => (await createDocument(a, await createCollection(a))).versionId,
}

/** Runs a job as the queue hands it over; `orgId` is what stands in its payload. Gives back how it went. */
const run = async (name: JobName, versionId: VersionId, orgId: OrgId, handlers = handlersOf(core)) => {
  const job: QueuedJob = { id: '1', attempts: 1, maxAttempts: JOBS[name].maxAttempts, payload: { versionId, orgId } }
  const outcome = await createJobRunner(core, handlers, logger)
    .run(name, job, 'test', new AbortController().signal)
    .then(
      () => 'over' as const,
      () => 'tried again' as const,
    )
  const [history] = await db.owner<{ state: string; error: string | null; orgId: OrgId }[]>`
    select state, error_class as error, org_id as "orgId" from job_run where subject_id = ${versionId}
    order by created_at desc, id desc limit 1`
  await db.owner`delete from job_run where subject_id = ${versionId}`
  return { outcome, ...history }
}

describe.each(Object.keys(VERSIONS) as JobName[])('check 18: a forged %s', (name) => {
  test('whose organisation is not its row’s ends for good, and the row is as it was', async () => {
    const versionId = await VERSIONS[name]()
    const before = await hashOfOrganisation(db, a.orgId)
    expect(await run(name, versionId, b.orgId)).toEqual({
      outcome: 'over',
      state: 'failed',
      error: 'not_found',
      orgId: b.orgId,
    })
    expect(await hashOfOrganisation(db, a.orgId)).toBe(before)
  })

  test('without an organisation, or with something else in its place, is nobody’s and ends', async () => {
    const versionId = await VERSIONS[name]()
    const before = await hashOfOrganisation(db, a.orgId)
    const runner = createJobRunner(core, handlersOf(core), logger)
    for (const payload of [{ versionId }, { versionId, orgId: '' }, { versionId, orgId: [a.orgId] }, null])
      await runner.run(name, { id: '1', attempts: 1, maxAttempts: 3, payload }, 'test', new AbortController().signal)
    expect(await hashOfOrganisation(db, a.orgId)).toBe(before)
  })

  test('control: the row’s own organisation gets its work done', async () => {
    const versionId = await VERSIONS[name]()
    const before = await hashOfOrganisation(db, a.orgId)
    expect(await run(name, versionId, a.orgId)).toMatchObject({ outcome: 'over', orgId: a.orgId })
    expect(await hashOfOrganisation(db, a.orgId)).not.toBe(before)
  })

  test('mutation: a worker that looks the organisation up by the row alone is noticed', async () => {
    const versionId = await VERSIONS[name]()
    const before = await hashOfOrganisation(db, a.orgId)
    const own = { kind: 'system', id: null, orgId: a.orgId, role: 'owner' } as const
    const honest = handlersOf(core)
    const careless: JobHandlers = {
      'document.process': {
        ...honest['document.process'],
        run: (payload, context) => honest['document.process'].run(payload, { ...context, actor: own }),
      },
      'document.embed': {
        ...honest['document.embed'],
        run: (payload, context) => honest['document.embed'].run(payload, { ...context, actor: own }),
      },
    }
    expect((await run(name, versionId, b.orgId, careless)).state).not.toBe('failed')
    expect(await hashOfOrganisation(db, a.orgId)).not.toBe(before)
  })
})

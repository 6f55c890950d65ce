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
import { enqueue, JOBS, type JobHandlers, type JobName } from '@quarry/jobs'
import { createLogger, createMetrics } from '@quarry/observability'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchCancellations } from './cancellations.ts'
import { CLOCK_RUNNERS } from './cron.ts'
import { lanesOf } from './lanes.ts'
import { createJobRunner } from './run-job.ts'
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
  core = createWorkerCore({ adapters, limits: readLimits({}), logger, queueRunners: lanesOf(1).length + CLOCK_RUNNERS })
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

const newRunner = (handlers: JobHandlers = handlersOf(core)) =>
  createJobRunner({
    ...{ core, handlers, logger, metrics: createMetrics() },
    cancellations: watchCancellations(() => Promise.resolve([]), logger),
  })

/** Puts a row into the queue as somebody does who can write there, and hands it to a worker. */
const hand = async (name: JobName, payload: unknown, handlers?: JobHandlers) => {
  const [row] = await db.owner<{ id: string }[]>`
    select (graphile_worker.add_job(${name}, ${JSON.stringify(payload)}::text::json)).id::text as id`
  const id = row?.id ?? ''
  const [stored] = await db.owner<{ payload: unknown }[]>`
    update graphile_worker._private_jobs set locked_by = 'test', locked_at = now() where id = ${id} returning payload`
  const outcome = await newRunner(handlers)
    .run(name, { id, payload: stored?.payload }, 'test', new AbortController().signal)
    .then(
      () => 'over' as const,
      () => 'kept' as const,
    )
  await db.owner`delete from graphile_worker._private_jobs`
  return outcome
}

/** Runs a job as an older version put it there; `orgId` is what stands in its payload. Gives back how it went. */
const run = async (name: JobName, versionId: VersionId, orgId: OrgId, handlers?: JobHandlers) => {
  const outcome = await hand(name, { versionId, orgId }, handlers)
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
    for (const payload of [{ versionId }, { versionId, orgId: '' }, { versionId, orgId: [a.orgId] }, null])
      expect(await hand(name, payload)).toBe('over')
    expect(await hashOfOrganisation(db, a.orgId)).toBe(before)
  })

  test('that names a job of another organisation, or another job than the row of the queue is of, ends; the job is as it was', async () => {
    const versionId = await VERSIONS[name]()
    const id = await a.as(a.owner).tx((tx) => enqueue(tx, JOBS[name], { versionId }))
    await db.owner`delete from graphile_worker._private_jobs`
    const before = await hashOfOrganisation(db, a.orgId)
    for (const orgId of [b.orgId, a.orgId]) expect(await hand(name, { versionId, orgId, jobRunId: id })).toBe('over')
    expect(await hashOfOrganisation(db, a.orgId)).toBe(before)
    await db.owner`delete from job_run`
  })

  test('what is to be done stands in the job’s row, whatever the queue says', async () => {
    const [versionId, other] = [await VERSIONS[name](), await VERSIONS[name]()]
    const seen: unknown[] = []
    const note = {
      run: (payload: unknown) => Promise.resolve(void seen.push(payload)),
      exhausted: () => Promise.resolve(),
    }
    const id = await a.as(a.owner).tx((tx) => enqueue(tx, JOBS[name], { versionId }))
    const [row] = await db.owner<
      { id: string }[]
    >`update graphile_worker._private_jobs set locked_by = 'test' returning id::text`
    await newRunner({ 'document.process': note, 'document.embed': note }).run(
      name,
      { id: row?.id ?? '', payload: { versionId: other, orgId: a.orgId, jobRunId: id } },
      'test',
      new AbortController().signal,
    )
    expect(seen).toEqual([{ versionId }])
    await db.owner`delete from job_run`
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
    // And without the claim, which would hold it up: the job is not in the organisation that it writes in.
    const own = { actor: { kind: 'system', id: null, orgId: a.orgId, role: 'owner' }, claim: null } as const
    const honest = handlersOf(core)
    const careless: JobHandlers = {
      'document.process': {
        ...honest['document.process'],
        run: (payload, context) => honest['document.process'].run(payload, { ...context, ...own }),
      },
      'document.embed': {
        ...honest['document.embed'],
        run: (payload, context) => honest['document.embed'].run(payload, { ...context, ...own }),
      },
    }
    expect((await run(name, versionId, b.orgId, careless)).error).not.toBe('not_found')
    expect(await hashOfOrganisation(db, a.orgId)).not.toBe(before)
  })
})

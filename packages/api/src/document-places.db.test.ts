import { randomUUID } from 'node:crypto'
import { documentPlace, type DocumentId } from '@quarry/contracts'
import { createCollection, createDocument, createTenant, type TestDocument, type TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { startProcess, type Process } from './testing/tenancy.ts'

let process: Process
let tenant: TestTenant
beforeAll(async () => {
  process = await startProcess()
})
beforeEach(async () => {
  await run('delete from job_run')
  await run('delete from worker_heartbeat')
  tenant = await createTenant(process.database)
})
afterAll(() => process.close())

const run = (statement: string, ...values: (string | number | null)[]) =>
  process.database.owner.unsafe<Record<string, string>[]>(statement, values)
const places = (ids: readonly string[], by = tenant.viewer) =>
  process.get(z.array(documentPlace), by, 'documents.places', { ids })
const placeOf = async ({ documentId }: TestDocument) => (await places([documentId]))[0]

/** A file on its way whose job is in this state; `age` in seconds is when it was asked for. */
const file = async (of: TestTenant, state: string, { age = 0, jobId = '' } = {}): Promise<TestDocument> => {
  const document = await createDocument(of, await createCollection(of))
  await run(`update document_version set state = 'uploaded', size_bytes = 1000 where id = $1`, document.versionId)
  await run(
    `insert into job_run (org_id, id, kind, subject_id, state, created_at, job_id, started_at)
     values ($1, $2, 'document.process', $3, $4, now() - $5 * interval '1 second', nullif($6, ''), case when $4 = 'running' then now() end)`,
    ...[of.orgId, randomUUID(), document.versionId, state, age, jobId],
  )
  return document
}
const startWorker = (places: number) =>
  run(
    `insert into worker_heartbeat (pool_id, host, kinds, places) values ($1, 'here', '{document.process}', $2)`,
    ...[randomUUID(), places],
  )
/** Files of this size that took so long. */
const history = async (seconds: number, sizeBytes: number) => {
  for (let i = 0; i < 3; i++) {
    const document = await file(tenant, 'succeeded')
    await run(
      `update document_version set state = 'searchable', size_bytes = $1 where id = $2`,
      sizeBytes,
      document.versionId,
    )
    await run(
      `update job_run set started_at = now() - $1 * interval '1 second', finished_at = now() where subject_id = $2`,
      ...[seconds, document.versionId],
    )
  }
}

it('says how many are before a file, of its own organisation and of others, and why', async () => {
  const other = await createTenant(process.database)
  await startWorker(2)
  for (const jobId of ['1', '2']) await file(other, 'running', { jobId })
  await file(other, 'queued', { jobId: '3' })
  for (let i = 0; i < 5; i++) await file(other, 'waiting')
  const queued = await file(tenant, 'queued', { age: 30, jobId: '4' })
  const [first, second] = [await file(tenant, 'waiting', { age: 20 }), await file(tenant, 'waiting', { age: 10 })]
  expect(await placeOf(queued)).toMatchObject({ state: 'queued', ahead: 1, why: '1 file is before it.' })
  // Two in the line, one of them its own; of the other organisation one has its turn meanwhile.
  expect(await placeOf(first)).toMatchObject({ ahead: 2 + 1 + 1, why: '1 file of this workspace is before it.' })
  expect(await placeOf(second)).toMatchObject({ ahead: 2 + 2 + 2, why: '2 files of this workspace are before it.' })
})

it('learns from files of the same size how long it takes, and shares places', async () => {
  await startWorker(2)
  const queued = await file(tenant, 'queued', { jobId: '9' })
  expect(await placeOf(queued)).toMatchObject({ etaSeconds: null })
  await history(100, 10_000_000)
  await history(4, 1_000)
  await history(4, 1_000)
  expect(await placeOf(queued)).toMatchObject({ ahead: 0, etaSeconds: 4 })
  await run('delete from worker_heartbeat')
  expect(await placeOf(queued)).toMatchObject({ etaSeconds: null, why: expect.stringMatching(/^No worker/) })
})

it('of a file that has arrived says so, and of one without a job nothing', async () => {
  const done = await file(tenant, 'succeeded')
  const none = await createDocument(tenant, await createCollection(tenant))
  expect(await placeOf(done)).toMatchObject({ state: 'succeeded', ahead: null, etaSeconds: null, why: null })
  expect(await placeOf(none)).toEqual({
    ...{ documentId: none.documentId, jobId: null, state: null },
    ...{ ahead: null, etaSeconds: null, why: null },
  })
})

it('tells nobody of a file that they may not see', async () => {
  const closed = await createCollection(tenant, { visibility: 'restricted' })
  const secret = await createDocument(tenant, closed)
  const other = await createTenant(process.database)
  const ids: DocumentId[] = [secret.documentId, (await file(tenant, 'running')).documentId]
  expect(await places(ids)).toHaveLength(1)
  expect(await places(ids, tenant.owner)).toHaveLength(2)
  expect(await places(ids, other.owner)).toEqual([])
})

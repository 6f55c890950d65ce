import { randomUUID } from 'node:crypto'
import { jobDetail, jobItem, jobOverview, jobsChanged, pageOf, type Actor } from '@quarry/contracts'
import { createTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startProcess, type Process } from './testing/tenancy.ts'
import { createWorld, type World } from './testing/world.ts'
import { failureOf } from './testing/world-jobs.ts'

let process: Process
let world: World
beforeAll(async () => {
  process = await startProcess()
})
beforeEach(async () => {
  world = await createWorld(process.core, process.database)
})
afterAll(() => process.close())

const run = (statement: string, ...values: (string | number | null)[]) =>
  process.database.owner.unsafe<Record<string, string | null>[]>(statement, values)
const list = (input: object = {}, by: Actor = world.tenant.admin) =>
  process.get(pageOf(jobItem), by, 'jobs.list', { limit: 100, ...input })
const get = (id: string, by: Actor = world.tenant.admin) => process.get(jobDetail, by, 'jobs.get', { id })
const change = async (path: string, input: object, by: Actor = world.tenant.admin) =>
  (await process.get(jobsChanged, by, path, input)).changed
const versionOf = async (id: string) =>
  (await run('select state, error_code from document_version where id = $1', id))[0]
const signals = async (subjectId: string) =>
  (await run('select topic from signal where subject_id = $1', subjectId)).map(({ topic }) => topic)

describe('the list', () => {
  it('is filtered by state, kind, document, words of the path, error and time', async () => {
    const { failed, waiting } = world.jobs
    const ids = async (input: object) => (await list(input)).items.map(({ id }) => id)
    expect(await ids({})).toEqual([waiting, failed])
    expect(await ids({ state: 'unfinished' })).toEqual([waiting])
    expect(await ids({ state: 'failed' })).toEqual([failed])
    expect(await ids({ state: 'running' })).toEqual([])
    expect(await ids({ kind: 'document.process' })).toEqual([failed])
    expect(await ids({ documentId: world.document.documentId })).toEqual([waiting])
    expect(await ids({ documentId: randomUUID() })).toEqual([])
    expect(await ids({ query: 'FAILED canary' })).toEqual([failed])
    expect(await ids({ query: 'failed nowhere' })).toEqual([])
    expect(await ids({ query: '%' })).toEqual([])
    expect(await ids({ errorClass: failureOf(world.tenant) })).toEqual([failed])
    await run(`update job_run set created_at = '2026-01-01' where id = $1`, failed)
    expect(await ids({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:01Z' })).toEqual([failed])
    expect(await ids({ to: '2026-01-01T00:00:00Z' })).toEqual([])
  })

  it('is paged without a gap or a repeat, also among jobs of one moment', async () => {
    await run(
      `insert into job_run (org_id, id, kind, state, created_at)
       select $1, gen_random_uuid(), 'document.process', 'succeeded', '2026-01-01' from generate_series(1, 23)`,
      world.tenant.orgId,
    )
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await list({ limit: 4, cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
  })

  it('names the document, and none that is deleted', async () => {
    const documentOf = async () => (await get(world.jobs.failed)).document
    expect(await documentOf()).toMatchObject({ id: world.failed.documentId, collectionId: world.collectionId })
    await process.get(z.unknown(), world.tenant.owner, 'documents.delete', { id: world.failed.documentId })
    expect(await documentOf()).toBeNull()
    expect((await get(world.jobs.failed)).actions).toEqual([])
    expect(await change('jobs.retry', { id: world.jobs.failed })).toBe(0)
  })

  it('shows a second organisation nothing, by any id or filter', async () => {
    const other = await createTenant(process.database)
    expect((await list({}, other.owner)).items).toEqual([])
    const { documentId } = world.failed
    for (const input of [{ documentId }, { errorClass: failureOf(world.tenant) }, { query: 'canary' }])
      expect((await list(input, other.owner)).items).toEqual([])
    for (const path of ['jobs.get', 'jobs.retry', 'jobs.cancel'])
      expect(await process.try(other.owner, path, { id: world.jobs.failed })).toMatchObject({ status: 404 })
    expect(await process.try(world.tenant.member, 'jobs.list', {})).toMatchObject({ status: 403 })
  })
})

describe('trying again', () => {
  it('puts the job in line with all of its attempts, and makes the version wait; twice is once', async () => {
    const { failed } = world.jobs
    expect((await get(failed)).actions).toEqual(['retry'])
    expect(await change('jobs.retry', { id: failed })).toBe(1)
    expect(await change('jobs.retry', { id: failed })).toBe(0)
    const job = await get(failed)
    expect(job).toMatchObject({ state: 'queued', attempt: 5, maxAttempts: 10, errorClass: null, finishedAt: null })
    expect(job.attempts).toMatchObject([
      { attempt: 5, state: 'failed', errorStack: null, stages: [{ stage: 'reading' }] },
    ])
    expect(job.actions).toEqual(['cancel', 'prioritise'])
    expect(await versionOf(world.failed.versionId)).toMatchObject({ state: 'uploaded', error_code: null })
    const [queued] = await run(
      `select payload ->> 'jobRunId' as id from graphile_worker._private_jobs where payload ->> 'jobRunId' = $1`,
      failed,
    )
    expect(queued).toEqual({ id: failed })
    expect(await signals(failed)).toContain('job')
    expect(await signals(world.failed.documentId)).toContain('document')
  })

  it('leaves a version alone that was read meanwhile', async () => {
    await run(`update document_version set state = 'searchable' where id = $1`, world.failed.versionId)
    expect(await change('jobs.retry', { id: world.jobs.failed })).toBe(0)
    expect((await get(world.jobs.failed)).state).toBe('failed')
  })

  it('of a class is for all that failed in this way, and one of each file', async () => {
    const errorClass = failureOf(world.tenant)
    // Both of the same version.
    await run(
      `insert into job_run (org_id, id, kind, subject_id, state, error_class, created_at, payload)
       select $1, gen_random_uuid(), 'document.process', $2, 'failed', $3, '2026-01-01', '{}' from generate_series(1, 3)`,
      ...[world.tenant.orgId, world.failed.versionId, errorClass],
    )
    const other = await createWorld(process.core, process.database)
    const input = { kind: 'document.process', errorClass }
    expect(await change('jobs.retryClass', { ...input, errorClass: 'another' })).toBe(0)
    expect(await change('jobs.retryClass', input)).toBe(1)
    expect(await change('jobs.retryClass', input)).toBe(0)
    expect((await get(world.jobs.failed)).state).toBe('queued')
    expect((await get(other.jobs.failed, other.tenant.admin)).state).toBe('failed')
  })
})

describe('cancelling', () => {
  it('takes a job out that has not begun, and says so of its file, which can be tried again', async () => {
    const { failed } = world.jobs
    await change('jobs.retry', { id: failed })
    expect(await change('jobs.cancel', { id: failed })).toBe(1)
    expect(await change('jobs.cancel', { id: failed })).toBe(0)
    expect(await get(failed)).toMatchObject({ state: 'cancelled', actions: ['retry'] })
    expect(await versionOf(world.failed.versionId)).toEqual({ state: 'failed', error_code: 'cancelled' })
    expect(await run(`select 1 from graphile_worker._private_jobs where payload ->> 'jobRunId' = $1`, failed)).toEqual(
      [],
    )
    expect(await change('jobs.retry', { id: failed })).toBe(1)
  })

  it('asks the worker of a job that runs, once', async () => {
    const { waiting } = world.jobs
    await run(`update job_run set state = 'running', worker = 'pool', started_at = now() where id = $1`, waiting)
    expect(await change('jobs.cancel', { id: waiting })).toBe(1)
    expect(await get(waiting)).toMatchObject({ state: 'running', cancelRequested: true, actions: [], why: null })
    expect(await change('jobs.cancel', { id: waiting })).toBe(0)
  })
})

describe('the priority', () => {
  it('decides who of the organisation is before whom', async () => {
    const second = randomUUID()
    await run(
      `insert into job_run (org_id, id, kind, subject_id, state, payload, max_attempts) values ($1, $2, 'document.embed', $3, 'waiting', '{}', 8)`,
      ...[world.tenant.orgId, second, world.document.versionId],
    )
    // A worker that lives, and has no place for more of them.
    await run(
      `insert into worker_heartbeat (pool_id, host, kinds, places) values ($1, 'here', '{document.embed}', 1)`,
      second,
    )
    const first = world.jobs.waiting
    const whys = async () => [(await get(first)).why, (await get(second)).why]
    const nothingBefore = expect.not.stringContaining('before it')
    const one = '1 file of this workspace is before it.'
    expect(await whys()).toEqual([nothingBefore, one])
    expect(await change('jobs.setPriority', { id: second, priority: -1 })).toBe(1)
    expect(await change('jobs.setPriority', { id: second, priority: -1 })).toBe(0)
    expect(await whys()).toEqual([one, nothingBefore])
    // Of each other organisation that waits one has its turn before that.
    expect((await get(first)).ahead).toBeGreaterThan((await get(second)).ahead ?? 0)
    await run('delete from worker_heartbeat where pool_id = $1', second)
  })
})

it('the overview counts what waits and what has ended, without gaps', async () => {
  for (const [range, buckets, minutes] of [
    ['hour', 60, 1],
    ['day', 48, 30],
  ] as const) {
    const seen = await process.get(jobOverview, world.tenant.admin, 'jobs.overview', { range })
    expect(seen.buckets).toHaveLength(buckets)
    const times = seen.buckets.map(({ at }) => Date.parse(at))
    expect(times.slice(1).every((at, i) => at - (times[i] ?? 0) === minutes * 60_000)).toBe(true)
    expect(seen.buckets.reduce((sum, { failed }) => sum + failed, 0)).toBe(1)
    const [bucket] = seen.buckets.filter(({ failed }) => failed > 0)
    expect(bucket?.durationMs?.p50).toBeCloseTo(2_000, -2)
    expect(seen.failures).toMatchObject([{ kind: 'document.process', errorClass: failureOf(world.tenant), count: 1 }])
    expect(seen.kinds.find(({ kind }) => kind === 'document.embed')).toMatchObject({ waiting: 1, paused: false })
  }
})

import { fork, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { blobKeyOf, openBlobStore } from '@quarry/blobs'
import type { VersionId } from '@quarry/contracts'
import { newId, schema } from '@quarry/db'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { documentProcess, enqueue } from '@quarry/jobs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

/** Processes start and files are read while other tests load the machine. */
const PATIENT = { timeout: 90_000, interval: 20 }
const MANY_SECONDS = 200_000

let db: TestDatabase
let folder: string
let tenant: TestTenant
const children: ChildProcess[] = []
beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-paused-'))
})
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill))
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`delete from job_run`
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

const kill = async (child: ChildProcess) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const startProcess = async () => {
  const child = fork(path.join(import.meta.dirname, 'main.ts'), [], {
    env: {
      ...{
        PATH: process.env['PATH'],
        QUARRY_DATA: folder,
        DATABASE_URL: db.adapter.kind === 'postgres' ? db.adapter.url : '',
      },
      ...{ EMBEDDING_MODEL: 'off', LOG_LEVEL: 'error', PARSE_PROCESSES: '1' },
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.push(child)
  await once(child, 'message')
  return child
}

/** A text that takes a worker some seconds. */
const longText = () =>
  Array.from(
    { length: 12_000 },
    (_, i) => `Paragraph ${i} tells of the ${i * 7919}th visit to the harbour, and of who went.\n\n`,
  ).join('')

const upload = async (text: string): Promise<VersionId> => {
  const bytes = Buffer.from(text)
  const blobKey = blobKeyOf(tenant.orgId, createHash('sha256').update(bytes).digest('hex'))
  await openBlobStore({ kind: 'file', root: path.join(folder, 'blobs') }).put(blobKey, Readable.from([bytes]))
  const collectionId = await createCollection(tenant)
  const [id, versionId] = [newId(), newId() as VersionId]
  await tenant.as(tenant.system).tx(async (tx) => {
    const row = { orgId: tenant.orgId, collectionId }
    await tx.insert(schema.document).values({ ...row, id, sourcePath: `${id}.md`, title: 'Harbour' })
    await tx.insert(schema.documentVersion).values({
      ...{ ...row, id: versionId, documentId: id, state: 'uploaded', stage: 'waiting', blobKey },
      ...{ sizeBytes: bytes.length, mediaType: 'text/markdown' },
    })
    await enqueue(tx, documentProcess, { versionId })
  })
  return versionId
}

const job = async () =>
  (
    await db.owner<
      { state: string; stage: string | null; attempt: number; worker: string }[]
    >`select state, stage, attempt, worker from job_run where org_id = ${tenant.orgId}`
  )[0]
const indexed = async (versionId: VersionId) =>
  (
    await db.owner`
      select v.state, v.attempt, v.chunk_count, (select count(*)::int from chunk where version_id = v.id) as chunks,
        (select md5(string_agg(p::text, ',' order by p::text)) from posting p where version_id = v.id) as postings
      from document_version v where v.id = ${versionId}`
  )[0]
/** As if half a minute had gone by without a sign of life: nobody waits for it here. */
const takeForDead = async (worker: string) => {
  await db.owner`update worker_heartbeat set seen_at = seen_at - interval '31 seconds' where pool_id = ${worker}`
  await db.owner`update job_run set updated_at = now() - interval '31 seconds' where state = 'running'`
}
const beginReading = async () => {
  tenant = await createTenant(db)
  const first = await startProcess()
  const versionId = await upload(longText())
  await vi.waitFor(async () => expect(await job()).toMatchObject({ state: 'running', stage: 'indexing' }), PATIENT)
  return { first, versionId, worker: (await job())?.worker ?? '' }
}

describe('check 11: workers that die or sleep', () => {
  test(
    'a worker that is paused, taken for dead and wakes late changes nothing',
    { timeout: MANY_SECONDS },
    async () => {
      const { first, versionId, worker } = await beginReading()
      first.kill('SIGSTOP')
      await takeForDead(worker)
      await startProcess()
      await vi.waitFor(async () => expect(await job()).toMatchObject({ state: 'succeeded', attempt: 2 }), PATIENT)
      const after = await indexed(versionId)
      expect(after).toMatchObject({ state: 'searchable', attempt: 2 })
      expect(after?.['chunks']).toBe(after?.['chunk_count'])
      first.kill('SIGCONT')
      // It lives on, and takes jobs again: by then it has done with the old one.
      await db.owner`update worker_heartbeat set seen_at = now() where pool_id = ${worker}`
      await Promise.all(children.splice(1).map(kill))
      const next = await upload('# Next\n\nA small file.')
      await vi.waitFor(async () => expect((await indexed(next))?.['state']).toBe('searchable'), PATIENT)
      expect(await indexed(versionId)).toEqual(after)
      expect(
        await db.owner`select a.attempt, a.state from job_attempt a join job_run j on j.id = a.job_run_id where j.subject_id = ${versionId} order by 1`,
      ).toEqual([
        { attempt: 1, state: 'lost' },
        { attempt: 2, state: 'succeeded' },
      ])
    },
  )

  test(
    'a job of a worker that was killed runs again, and its rows are there once',
    { timeout: MANY_SECONDS },
    async () => {
      const { first, versionId, worker } = await beginReading()
      await kill(first)
      await takeForDead(worker)
      await db.owner`update graphile_worker._private_jobs set locked_at = now() - interval '31 seconds'`
      await startProcess()
      await vi.waitFor(async () => expect(await job()).toMatchObject({ state: 'succeeded', attempt: 2 }), PATIENT)
      const after = await indexed(versionId)
      expect(after?.['chunks']).toBe(after?.['chunk_count'])
    },
  )

  test(
    'control: a worker that lives keeps its job, whoever else looks for the dead',
    { timeout: MANY_SECONDS },
    async () => {
      const { versionId } = await beginReading()
      await startProcess()
      await vi.waitFor(async () => expect((await indexed(versionId))?.['state']).toBe('searchable'), PATIENT)
      await vi.waitFor(async () => expect(await job()).toMatchObject({ state: 'succeeded', attempt: 1 }), PATIENT)
    },
  )

  test(
    'all connections are cut in the middle of a file: it ends as it should, and no row is there twice',
    { timeout: MANY_SECONDS },
    async () => {
      const { versionId } = await beginReading()
      // All connections but the one that cuts them: those of the file, of the queue, and of who listens.
      const cut = await db.owner`
        select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
      await vi.waitFor(async () => {
        await db.owner`update job_run set run_at = now() where state = 'retrying'`
        expect(await job()).toMatchObject({ state: 'succeeded' })
      }, PATIENT)
      expect(cut.length).toBeGreaterThan(2)
      const after = await indexed(versionId)
      expect(after).toMatchObject({ state: 'searchable' })
      expect(after?.['chunks']).toBe(after?.['chunk_count'])
    },
  )

  test(
    'a worker that is told to end gives back what it is at within thirty seconds, and the next one does it',
    { timeout: MANY_SECONDS },
    async () => {
      const { first, versionId } = await beginReading()
      const startedAt = performance.now()
      first.kill('SIGTERM')
      const [code] = (await once(first, 'exit')) as [number | null]
      expect(code).toBe(0)
      expect(performance.now() - startedAt).toBeLessThan(30_000)
      // Nobody has it: no other worker has to wait until it is taken for dead.
      const before = await job()
      expect(['queued', 'succeeded']).toContain(before?.state)
      await startProcess()
      await vi.waitFor(async () => expect(await job()).toMatchObject({ state: 'succeeded' }), PATIENT)
      const after = await indexed(versionId)
      expect(after?.['chunks']).toBe(after?.['chunk_count'])
    },
  )

  /** One that is stopped in a transaction keeps its rows locked, and whatever is to happen meanwhile would wait for it. */
  const stopBetweenTransactions = async (child: ChildProcess, meanwhile: () => Promise<unknown>) => {
    await vi.waitFor(async () => {
      child.kill('SIGSTOP')
      try {
        const version =
          await db.owner`select from document_version where org_id = ${tenant.orgId} for update skip locked`
        const run = await db.owner`select from job_run where org_id = ${tenant.orgId} for update skip locked`
        expect([version.length, run.length]).toEqual([1, 1])
      } catch (error) {
        child.kill('SIGCONT')
        throw error
      }
    }, PATIENT)
    await meanwhile()
  }

  /** A worker sleeps in the middle of a file, a successor begins and clears away what it finds, and the first one wakes. */
  const wakeLate = async (raise: (id: VersionId) => Promise<unknown>) => {
    const { first, versionId } = await beginReading()
    await stopBetweenTransactions(first, () => raise(versionId))
    await db.owner`delete from posting where version_id = ${versionId}`
    await db.owner`delete from chunk where version_id = ${versionId}`
    first.kill('SIGCONT')
    await vi.waitFor(async () => {
      await db.owner`update job_run set run_at = now() where state = 'retrying'`
      expect((await indexed(versionId))?.['state']).toBe('searchable')
    }, PATIENT)
    const after = await indexed(versionId)
    return after?.['chunks'] === after?.['chunk_count']
  }

  test.each<[string, (id: VersionId) => Promise<unknown>]>([
    ['the version', (id) => db.owner`update document_version set attempt = attempt + 1 where id = ${id}`],
    ['the job', (id) => db.owner`update job_run set attempt = attempt + 1 where subject_id = ${id}`],
  ])(
    'the attempt of %s alone keeps a late worker from publishing half a file',
    { timeout: MANY_SECONDS },
    async (_whose, raise) => expect(await wakeLate(raise)).toBe(true),
  )

  test(
    'mutation: where no attempt is raised the late worker publishes half a file',
    { timeout: MANY_SECONDS },
    async () => expect(await wakeLate(() => Promise.resolve())).toBe(false),
  )
})

import { fork, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { blobKeyOf, openBlobStore } from '@quarry/blobs'
import { readAdapters, readLimits } from '@quarry/config'
import { jobRunId, type VersionId } from '@quarry/contracts'
import { createWebCore, retryJob, type WebCore } from '@quarry/core/web'
import { newId, schema } from '@quarry/db'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { documentProcess, enqueue } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

const PROCESS = path.join(import.meta.dirname, 'testing', 'poisoned-worker.ts')
const PATIENT = { timeout: 60_000, interval: 50 }
const MANY_SECONDS = 200_000
/** Short, so that nobody waits a minute here; long enough for a main thread on a machine with other things to do. */
const STUCK_MS = 3_000
/** What a process that ends for want of memory has: enough for a worker, and soon full. */
const HEAP_MB = 160
const WORKERS = 2

let db: TestDatabase
let folder: string
let web: WebCore
let tenant: TestTenant
let other: TestTenant
let poison: VersionId
/** How processes ended that nobody here ended. */
let deaths: string[] = []
const children = new Set<ChildProcess>()
let over = false

beforeAll(async () => {
  db = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-poisoned-'))
  const adapters = { ...readAdapters({ QUARRY_DATA: folder, EMBEDDING_MODEL: 'off' }), database: db.adapter }
  web = createWebCore({ adapters, limits: readLimits({}), logger: createLogger({ name: 'test', level: 'silent' }) })
})
beforeEach(async () => {
  ;[tenant, other] = [await createTenant(db), await createTenant(db)]
  poison = newId() as VersionId
  ;[deaths, over] = [[], false]
})
afterEach(async () => {
  over = true
  for (const child of children) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  children.clear()
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`delete from job_run`
  await db.owner`delete from worker_heartbeat`
})
afterAll(async () => {
  await web.close()
  await db.close()
  await rm(folder, { recursive: true })
})

/** A worker process, and another one in its place whenever it dies, as boot sees to it. */
const keepWorker = async (ways: readonly string[]): Promise<void> => {
  const child = fork(PROCESS, [poison, ways.join(','), String(STUCK_MS)], {
    env: {
      ...{ PATH: process.env['PATH'], QUARRY_DATA: folder },
      ...{ DATABASE_URL: db.adapter.kind === 'postgres' ? db.adapter.url : '' },
      ...{ EMBEDDING_MODEL: 'off', LOG_LEVEL: 'error', PARSE_PROCESSES: '1' },
    },
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  children.add(child)
  child.once('exit', (code, signal) => {
    children.delete(child)
    if (over) return
    deaths.push(signal ?? `exit code ${code}`)
    // It refused to start, and would do so again.
    if (signal === null) return
    void seemLongDead().then(() => keepWorker(ways))
  })
  await Promise.race([once(child, 'message'), once(child, 'exit')])
}
/** As if half a minute had gone by since a worker died: nobody waits for it here. Those who live say so again in 5 s. */
const seemLongDead = async () => {
  const [held] = await db.owner<{ worker: string }[]>`select worker from job_run where subject_id = ${poison}`
  if (held === undefined) return
  await db.owner`update job_run set updated_at = now() - interval '31 seconds'
    where state = 'running' and worker in (select pool_id from worker_heartbeat
      where process_id = (select process_id from worker_heartbeat where pool_id = ${held.worker}))`
  await db.owner`update worker_heartbeat set seen_at = seen_at - interval '31 seconds'
    where process_id = (select process_id from worker_heartbeat where pool_id = ${held.worker})`
}
const upload = async (whose: TestTenant, versionId: VersionId): Promise<void> => {
  const bytes = Buffer.from('# A file\n\nOf a few words.')
  const blobKey = blobKeyOf(whose.orgId, createHash('sha256').update(bytes).digest('hex'))
  await openBlobStore({ kind: 'file', root: path.join(folder, 'blobs') }).put(blobKey, Readable.from([bytes]))
  const row = { orgId: whose.orgId, collectionId: await createCollection(whose) }
  const documentId = newId()
  await whose.as(whose.system).tx(async (tx) => {
    await tx.insert(schema.document).values({ ...row, id: documentId, sourcePath: `${versionId}.md`, title: 'A file' })
    await tx.insert(schema.documentVersion).values({
      ...{ ...row, id: versionId, documentId, state: 'uploaded', stage: 'waiting', blobKey },
      ...{ sizeBytes: bytes.length, mediaType: 'text/markdown' },
    })
    await enqueue(tx, documentProcess, { versionId })
  })
}
interface PoisonRow {
  readonly id: string
  readonly state: string
  readonly attempt: number
  readonly crashes: number
  readonly errorClass: string | null
  readonly errorMessage: string | null
  readonly waits: number | null
}
const job = async (): Promise<PoisonRow | undefined> =>
  (
    await db.owner<PoisonRow[]>`select id, state, attempt, crashes, error_class as "errorClass",
      error_message as "errorMessage", extract(epoch from run_at - now())::float8 as waits
      from job_run where subject_id = ${poison}`
  )[0]
const reach = (expected: Partial<PoisonRow>) =>
  vi.waitFor(async () => expect(await job()).toMatchObject(expected), PATIENT)
const shift = () => db.owner`update job_run set run_at = now() where subject_id = ${poison} and state = 'retrying'`
const states = async (ids: readonly VersionId[]) =>
  (await db.owner<{ state: string }[]>`select state from document_version where id in ${db.owner(ids)}`).map(
    ({ state }) => state,
  )
/** Files of both organisations, which are searchable soon whatever happens to the workers. */
const othersGoOn = async () => {
  const ids = Array.from({ length: 4 }, () => newId() as VersionId)
  for (const [i, id] of ids.entries()) await upload(i % 2 === 0 ? tenant : other, id)
  await vi.waitFor(async () => expect(await states(ids)).toEqual(ids.map(() => 'searchable')), PATIENT)
}

describe('check 21: a job that ends the process of each worker', () => {
  test(
    'is tried five times, thrice in ten minutes, then fails with a reason; others go on, and it runs when it is said so',
    { timeout: MANY_SECONDS },
    async () => {
      const ways = ['segfault', 'memory', 'loop', 'throws', 'segfault']
      await upload(tenant, poison)
      await Promise.all(Array.from({ length: WORKERS }, () => keepWorker(ways)))
      await reach({ crashes: 1 })
      await othersGoOn()
      await vi.waitFor(async () => {
        // Of the ten minutes only these seconds go by here.
        if (((await job())?.waits ?? 600) < 10) await shift()
        expect((await job())?.crashes).toBe(3)
      }, PATIENT)
      // Three deaths in the way that was asked for, and none of another worker.
      // Node ends itself with SIGABRT, or SIGTRAP, when its heap is full.
      expect(deaths).toEqual(['SIGSEGV', expect.stringMatching(/^SIG(ABRT|TRAP)$/), 'SIGKILL'])
      const third = await job()
      expect(third).toMatchObject({ state: 'retrying', attempt: 3, errorClass: 'worker_lost' })
      expect(third?.waits).toBeGreaterThan(500)
      await othersGoOn()
      expect(deaths).toHaveLength(3)

      await vi.waitFor(async () => {
        await shift()
        expect(await job()).toMatchObject({ state: 'failed', attempt: 5, errorClass: 'worker_lost' })
      }, PATIENT)
      expect((await job())?.errorMessage).toMatch(/worker/)
      expect(deaths).toHaveLength(4)
      expect(await states([poison])).toEqual(['failed'])

      const ctx = { deps: web.deps, actor: tenant.owner, requestId: 'test' }
      expect(await retryJob(ctx, { id: jobRunId.parse((await job())?.id) })).toEqual({ changed: 1 })
      await reach({ state: 'succeeded', attempt: 6 })
      expect(await states([poison])).toEqual(['searchable'])
    },
  )

  test(
    'control: without poison it is read at the first attempt, and nobody dies',
    { timeout: MANY_SECONDS },
    async () => {
      await upload(tenant, poison)
      await keepWorker([])
      await reach({ state: 'succeeded', attempt: 1 })
      expect(deaths).toEqual([])
    },
  )

  test(
    'mutation: where deaths and attempts are not counted it takes one worker after the other along',
    { timeout: MANY_SECONDS },
    async () => {
      await upload(tenant, poison)
      await keepWorker(Array.from({ length: 20 }, () => 'segfault'))
      await vi.waitFor(async () => {
        await db.owner`update job_run set crashes = 0, max_attempts = 1000 where subject_id = ${poison}`
        await shift()
        expect(deaths.length).toBeGreaterThan(5)
      }, PATIENT)
      expect(new Set(deaths)).toEqual(new Set(['SIGSEGV']))
      expect((await job())?.state).not.toBe('failed')
    },
  )
})

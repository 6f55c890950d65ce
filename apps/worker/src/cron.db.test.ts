import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { requestCron } from '@quarry/core'
import { readAdapters, readLimits } from '@quarry/config'
import { createWorkerCore } from '@quarry/core/worker'
import { newId } from '@quarry/db'
import { BOTH_DATABASES, createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { CLOCK_RUNNERS, startClock } from './cron.ts'

/** Processes are started while other suites load the machine. */
const slow = 180_000
const MAIN = path.join(import.meta.dirname, 'main.ts')
const logger = createLogger({ name: 'test', level: 'silent' })

let db: TestDatabase
let folder: string
const children: ChildProcess[] = []
beforeAll(async () => {
  db = await createTestDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-clock-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'SIGKILL')
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** A worker as boot starts it. */
const startProcess = async (more: Record<string, string> = {}): Promise<ChildProcess> => {
  if (db.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
  const child = fork(MAIN, {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      QUARRY_DATA: folder,
      DATABASE_URL: db.adapter.url,
      AUTH_SECRET: 'x'.repeat(32),
      EMBEDDING_MODEL: 'off',
      LOG_LEVEL: 'error',
      ...more,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.push(child)
  await once(child, 'message')
  return child
}
const rows = (name: string) =>
  db.owner.unsafe<{ state: string }[]>('select state from cron_run where name = $1 order by created_at, id', [name])
const beginClock = async (database: TestDatabase) => {
  const core = createWorkerCore({
    adapters: { ...readAdapters({ QUARRY_DATA: folder, EMBEDDING_MODEL: 'off' }), database: database.adapter },
    limits: readLimits({}),
    logger,
    queueRunners: CLOCK_RUNNERS,
  })
  const queue = core.openQueue()
  queue.on('error', () => undefined)
  queue.on('connect', (client) => client.on('error', () => undefined))
  const clock = startClock({
    clock: core.clock,
    queue,
    embedded: core.embedded,
    processId: 'test',
    ownPools: new Set(),
    logger,
  })
  onTestFinished(async () => {
    await clock.stop()
    await Promise.all([core.close(), queue.end()])
  })
  await clock.ready
}

test.each(BOTH_DATABASES)(
  'what is asked for by hand is taken up within a second, on %s',
  { timeout: slow },
  async (_name, create) => {
    const database = await create()
    onTestFinished(() => database.close())
    await beginClock(database)
    const by = newId()
    for (const name of ['retention', 'usage-rollup', 'expired-uploads', 'reconcile', 'orphaned-blobs'] as const) {
      // The clock may be doing it at this moment, which is as good.
      const { id } = await requestCron(database, name, by)
      const state = async () =>
        (await database.owner.unsafe<{ state: string }[]>('select state from cron_run where id = $1', [id]))[0]?.state
      await vi.waitUntil(async () => (await state()) === 'succeeded', { timeout: 30_000, interval: 50 })
    }
    const [slowest] = await database.owner.unsafe<{ s: number }[]>(
      `select max(extract(epoch from started_at - created_at))::float8 as s from cron_run where requested_by is not null`,
    )
    // A second is promised; the rest is what other tests take of the machine.
    expect(slowest?.s).toBeLessThan(5)
  },
)

test('what was due while no worker ran is made up for once, however many begin', { timeout: slow }, async () => {
  const name = 'orphaned-blobs'
  const database = await createTestDatabase()
  onTestFinished(() => database.close())
  await database.owner.unsafe(
    `insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
     values ($1, now() - interval '9 days', now() - interval '9 days')`,
    [name],
  )
  await Promise.all([1, 2, 3].map(() => beginClock(database)))
  const found = () => database.owner.unsafe<{ state: string }[]>('select state from cron_run where name = $1', [name])
  await vi.waitUntil(async () => (await found()).at(0)?.state === 'succeeded', { timeout: 30_000, interval: 50 })
  // All three have looked by now, and there is nothing left in the queue.
  const left = () => database.owner.unsafe(`select 1 from graphile_worker._private_jobs`)
  await vi.waitUntil(async () => (await left()).length === 0, { timeout: 30_000, interval: 50 })
  expect(await found()).toEqual([{ state: 'succeeded' }])
})

test('what a worker was at when it was killed is lost, and can be asked for again', { timeout: slow }, async () => {
  await db.owner.unsafe('delete from worker_heartbeat')
  const victim = await startProcess()
  // As a task that goes on for long; the pool is that of the worker's clock.
  const [pool] = await vi.waitUntil(
    async () => {
      const found = await db.owner.unsafe<{ id: string }[]>(
        `select pool_id as id from worker_heartbeat where lane = 'clock'`,
      )
      return found.length > 0 && found
    },
    { timeout: 30_000 },
  )
  const id = newId()
  await db.owner.unsafe(
    `insert into cron_run (id, name, state, worker, started_at) values ($1, 'usage-rollup', 'running', $2, now())`,
    [id, pool?.id ?? ''],
  )
  expect(await requestCron(db, 'usage-rollup', newId())).toEqual({ id, requested: false })
  await end(victim, 'SIGKILL')
  await db.owner.unsafe(`update worker_heartbeat set seen_at = now() - interval '2 minutes'`)
  await startProcess()
  expect((await requestCron(db, 'usage-rollup', newId())).requested).toBe(true)
  await vi.waitUntil(async () => (await rows('usage-rollup')).at(-1)?.state === 'succeeded', { timeout: 30_000 })
  expect((await rows('usage-rollup')).map(({ state }) => state)).toEqual(['lost', 'succeeded'])
})

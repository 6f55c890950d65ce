import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openFileBlobStore } from '@quarry/blobs'
import { readAdapters } from '@quarry/config'
import { newId } from '@quarry/db'
import { BOTH_DATABASES, type TestDatabase } from '@quarry/db/testing'
import { createLogger, createMetrics } from '@quarry/observability'
import { listCron } from './list.ts'
import { requestCron } from './request.ts'
import { runCron, type CronEnv } from './run-cron.ts'
import { beginCron, endCron, lastSuccesses, loseCron } from './runs.ts'
import type { CronTask } from './task.ts'

/** A database process is started; other suites run beside this one. */
const slow = 120_000

describe.each(BOTH_DATABASES)('what the clock does, on %s', (_name, create) => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await create()
  }, slow)
  afterAll(() => db.close(), slow)

  const begin = (over: Partial<Parameters<typeof beginCron>[1]> = {}) =>
    beginCron(db.database, { name: 'retention', runId: null, tick: null, worker: 'one', ...over })
  const done = { counts: { rows: 3 }, errorClass: null, errorMessage: null }
  const rows = (name = 'retention') =>
    db.owner.unsafe<{ id: string; state: string; worker: string | null; counts: object }[]>(
      'select id, state, worker, counts from cron_run where name = $1 order by created_at, id',
      [name],
    )
  const fresh = () => db.owner.unsafe('delete from cron_run; delete from worker_heartbeat')
  const beat = (pool: string, ago = '0 s') =>
    db.owner.unsafe(
      `insert into worker_heartbeat (pool_id, host, seen_at) values ($1, 'test', now() - $2::interval)
       on conflict (pool_id) do update set seen_at = excluded.seen_at`,
      [pool, ago],
    )

  test('is noted from its beginning to its end', async () => {
    await fresh()
    const id = await begin()
    expect(await rows()).toMatchObject([{ id, state: 'running', worker: 'one' }])
    await endCron(db.database, id ?? '', 'one', { state: 'succeeded', ...done })
    expect(await rows()).toMatchObject([{ id, state: 'succeeded', counts: { rows: 3 } }])
    expect([...(await lastSuccesses(db.database)).keys()]).toEqual(['retention'])
  })

  test('does not begin twice while its worker lives, and is lost when that is dead', async () => {
    await fresh()
    const first = await begin()
    await beat('one')
    expect(await begin({ worker: 'two' })).toBeNull()
    await beat('one', '5 minutes')
    const second = await begin({ worker: 'two' })
    expect(await rows()).toMatchObject([
      { id: first, state: 'lost' },
      { id: second, state: 'running' },
    ])
    // Who wakes up late does not write over its successor.
    await endCron(db.database, first ?? '', 'one', { state: 'succeeded', ...done })
    expect((await rows())[0]?.state).toBe('lost')
    await beat('two', '5 minutes')
    expect(await loseCron(db.database)).toBe(0)
    await db.owner.unsafe(`update cron_run set started_at = now() - interval '5 minutes' where id = $1`, [second ?? ''])
    expect(await loseCron(db.database)).toBe(1)
    expect((await rows()).map(({ state }) => state)).toEqual(['lost', 'lost'])
  })

  test('that was asked for and that nobody has taken up for ten minutes keeps nobody from asking again', async () => {
    await fresh()
    const asked = await requestCron(db, 'retention', newId())
    const ago = (minutes: number) =>
      db.owner.unsafe(`update cron_run set created_at = now() - $2 * interval '1 minute' where id = $1`, [
        asked.id,
        minutes,
      ])
    await ago(9)
    expect(await loseCron(db.database)).toBe(0)
    expect(await requestCron(db, 'retention', newId())).toEqual({ id: asked.id, requested: false })
    await ago(11)
    const again = await requestCron(db, 'retention', newId())
    expect(again.requested).toBe(true)
    expect(await loseCron(db.database)).toBe(1)
    expect(await rows()).toMatchObject([
      { id: asked.id, state: 'lost' },
      { id: again.id, state: 'queued' },
    ])
    await db.owner.unsafe('delete from graphile_worker._private_jobs')
  })

  test('is not made up for many times when the clock catches up', async () => {
    await fresh()
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3600_000)
    const first = await begin({ tick: hoursAgo(8) })
    expect(first).not.toBeNull()
    await endCron(db.database, first ?? '', 'one', { state: 'succeeded', ...done })
    for (const hours of [7, 6, 1]) expect(await begin({ tick: hoursAgo(hours) })).toBeNull()
    // Of now: a little late is what a busy machine is.
    expect(await begin({ tick: new Date(Date.now() - 5_000) })).not.toBeNull()
  })

  test('is asked for by hand once, however often somebody asks, and taken up by its row', async () => {
    await fresh()
    const by = newId()
    const asked = await Promise.all([1, 2, 3].map(() => requestCron(db, 'backup', by)))
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1)
    expect(asked.filter(({ requested }) => requested)).toHaveLength(1)
    const runId = asked[0]?.id ?? ''
    const jobs = await db.owner.unsafe(
      `select j.payload, q.queue_name from graphile_worker._private_jobs j join graphile_worker._private_job_queues q on q.id = j.job_queue_id`,
    )
    expect(jobs).toEqual([{ payload: { name: 'backup', runId }, queue_name: 'cron:backup' }])
    expect(await begin({ name: 'backup', runId })).toBe(runId)
    // A second job for the same row finds it taken.
    await endCron(db.database, runId, 'one', { state: 'succeeded', ...done })
    expect(await begin({ name: 'backup', runId })).toBeNull()
    await beat('one')
    const again = await requestCron(db, 'backup', by)
    expect(again.requested).toBe(true)
    const [listed] = (await listCron({ database: db.database, adapters: { backup: null } })).filter(
      ({ name }) => name === 'backup',
    )
    expect(listed).toMatchObject({
      schedule: null,
      nextAt: null,
      last: { id: again.id, state: 'queued', requestedBy: by },
    })
  })

  test('that fails is noted with why, counted, and does not stop the next one', async () => {
    await fresh()
    const metrics = createMetrics()
    const env = (task: CronTask): CronEnv => ({
      database: db.database,
      blobs: openFileBlobStore(tmpdir()),
      redis: null,
      adapters: readAdapters({}),
      logger: createLogger({ name: 'test', level: 'silent' }),
      model: 'test',
      backfill: async () => 0,
      metrics,
      tasks: { retention: task },
    })
    const start = { name: 'retention', runId: null, tick: null, worker: 'one' } as const
    const never = new AbortController().signal
    expect(
      await runCron(
        env(() => Promise.reject(new TypeError('no disk'))),
        start,
        never,
      ),
    ).toBe('failed')
    expect(
      await runCron(
        env(async () => ({ rows: 1 })),
        start,
        never,
      ),
    ).toBe('succeeded')
    const stop = new AbortController()
    const waiting: CronTask = (_deps, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const stopped = runCron(env(waiting), start, stop.signal)
    await vi.waitUntil(async () => (await rows()).at(-1)?.state === 'running', { timeout: 10_000 })
    stop.abort()
    expect(await stopped).toBe('stopped')
    const ends = await db.owner.unsafe(
      'select state, error_class as class, error_message as text from cron_run order by created_at, id',
    )
    expect(ends).toEqual([
      { state: 'failed', class: 'TypeError', text: 'no disk' },
      { state: 'succeeded', class: null, text: null },
      { state: 'lost', class: 'worker_stopped', text: 'Its worker was stopped; another one begins anew.' },
    ])
    const text = await metrics.registry.metrics()
    expect(text).toContain('quarry_cron_failures_total{name="retention"} 1')
    expect(text).toMatch(/quarry_cron_last_success_timestamp_seconds\{name="retention"\} \d{10}/)
  })
})

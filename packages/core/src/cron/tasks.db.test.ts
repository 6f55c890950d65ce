import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openFileBlobStore } from '@quarry/blobs'
import { readAdapters } from '@quarry/config'
import { newId } from '@quarry/db'
import {
  BOTH_DATABASES,
  createCollection,
  createConversation,
  createDocument,
  createTenant,
  type TestDatabase,
  type TestDocument,
  type TestTenant,
} from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { repairJobs } from './repair-jobs.ts'
import { repairRuns } from './repair-runs.ts'
import { repairVersions } from './repair-versions.ts'
import { retain } from './retention.ts'

/** A database process is started; other suites run beside this one. */
const slow = 120_000

describe.each(BOTH_DATABASES)('on %s', (_name, create) => {
  let db: TestDatabase
  let tenant: TestTenant
  let document: TestDocument
  beforeAll(async () => {
    db = await create()
    tenant = await createTenant(db)
    document = await createDocument(tenant, await createCollection(tenant))
  }, slow)
  afterAll(() => db.close(), slow)

  const never = new AbortController().signal
  const count = async (table: string): Promise<number> =>
    Number((await db.owner.unsafe(`select count(*)::int as n from ${table}`))[0]?.['n'])

  test('retention deletes what is old, and nothing else', async () => {
    const { orgId, member } = tenant
    const ages = [
      [
        'job_run',
        `(org_id, id, kind, state, finished_at) values ('${orgId}', gen_random_uuid(), 'x', 'failed', now() - $1::interval)`,
        '29 days',
        '31 days',
      ],
      [
        'cron_run',
        `(id, name, state, created_at) values (gen_random_uuid(), 'backup', 'succeeded', now() - $1::interval)`,
        '29 days',
        '31 days',
      ],
      [
        'cron_run',
        `(id, name, state, created_at) values (gen_random_uuid(), 'reconcile', 'failed', now() - $1::interval)`,
        '1 day',
        '3 days',
      ],
      [
        'operator_event',
        `(id, action, created_at) values (gen_random_uuid(), 'x', now() - $1::interval)`,
        '399 days',
        '401 days',
      ],
      [
        'process_report',
        `(process, kind, index, host, build, started_at, at, figures) values ('web', 'web', 0, 'here', '', now(), now() - $1::interval, '{}')`,
        '23 hours',
        '25 hours',
      ],
      [
        'idempotency_key',
        `(org_id, actor_id, key, request_hash, response, created_at) values ('${orgId}', '${member.id}', gen_random_uuid()::text, 'x', '{}', now() - $1::interval)`,
        '1 day',
        '3 days',
      ],
      [
        'signal',
        `(org_id, topic, subject_id, created_at) values ('${orgId}', 'document', gen_random_uuid(), now() - $1::interval)`,
        '9 minutes',
        '11 minutes',
      ],
    ] as const
    await db.owner.unsafe('delete from signal; delete from job_run')
    for (const [table, row, young, old] of ages)
      // The old one first: signals are deleted up to the first young one.
      for (const age of [old, young]) await db.owner.unsafe(`insert into ${table} ${row}`, [age])
    // One that has not ended is not old, however long ago it was asked for.
    await db.owner.unsafe(
      `insert into job_run (org_id, id, kind, state, created_at) values ($1, gen_random_uuid(), 'x', 'waiting', now() - interval '90 days')`,
      [orgId],
    )
    const deps = {
      database: db.database,
      blobs: openFileBlobStore('/nowhere'),
      redis: null,
      adapters: readAdapters({}),
      logger: createLogger({ name: 'test', level: 'silent' }),
      model: '',
      backfill: async () => 0,
    }
    expect(await retain(deps, never)).toEqual({
      jobs: 1,
      cronRuns: 2,
      operatorEvents: 1,
      reports: 1,
      idempotencyKeys: 1,
      conversations: 0,
    })
    expect(await count('signal')).toBe(1)
    expect(await count('job_run')).toBe(2)
    expect(await count('cron_run')).toBe(2)
    expect(Object.values(await retain(deps, never)).every((n) => n === 0)).toBe(true)
    await db.owner.unsafe('delete from job_run')
  })

  describe('the repair', () => {
    const logger = createLogger({ name: 'test', level: 'silent' })
    const deps = () => ({ database: db.database, logger })
    const wait = (state: string, ago = '2 minutes') =>
      db.owner.unsafe(`update document_version set state = $2, updated_at = now() - $3::interval where id = $1`, [
        document.versionId,
        state,
        ago,
      ])
    const job = async (
      state: string,
      more: { job?: string; worker?: string; ago?: string; errorClass?: string } = {},
    ) => {
      const id = newId()
      await db.owner.unsafe(
        `insert into job_run (org_id, id, kind, subject_id, state, payload, job_id, worker, attempt, max_attempts, updated_at, error_class)
         values ($1, $2, 'document.process', $3::text::uuid, $4, jsonb_build_object('versionId', $3::text), $5, $6, 1, 5, now() - $7::interval, $8)`,
        [
          ...[tenant.orgId, id, document.versionId, state, more.job ?? null, more.worker ?? null],
          ...[more.ago ?? '0 s', more.errorClass ?? null],
        ],
      )
      return id
    }
    const fresh = () =>
      db.owner.unsafe('delete from job_run; delete from graphile_worker._private_jobs; delete from worker_heartbeat')
    const jobs = () => db.owner.unsafe('select id, state, error_class as class from job_run order by created_at')
    const version = async () =>
      (
        await db.owner.unsafe('select state, error_code as code from document_version where id = $1', [
          document.versionId,
        ])
      )[0]

    test.each(['uploaded', 'parsing'])(
      'puts a file that is %s and has no job back into the queue, once',
      async (state) => {
        await fresh()
        await wait(state)
        expect(await repairVersions(deps(), never)).toEqual({ version: 1, versionFailed: 0 })
        expect(await jobs()).toMatchObject([{ state: 'queued' }])
        await wait(state)
        expect(await repairVersions(deps(), never)).toEqual({ version: 0, versionFailed: 0 })
        expect(await jobs()).toHaveLength(1)
      },
    )

    test('leaves a file alone that was touched in this minute', async () => {
      await fresh()
      await wait('uploaded', '30 s')
      expect(await repairVersions(deps(), never)).toEqual({ version: 0, versionFailed: 0 })
      expect(await jobs()).toEqual([])
    })

    test('fails a file whose job has failed', async () => {
      await fresh()
      await job('failed')
      await wait('parsing')
      expect(await repairVersions(deps(), never)).toEqual({ version: 0, versionFailed: 1 })
      expect(await version()).toEqual({ state: 'failed', code: 'crashed' })
    })

    test('reads a file again whose job stayed behind in another database', async () => {
      await fresh()
      await job('failed', { errorClass: 'left_behind' })
      await wait('uploaded')
      expect(await repairVersions(deps(), never)).toEqual({ version: 1, versionFailed: 0 })
    })

    test('leaves a file alone that an older version has put into the line', async () => {
      await fresh()
      await job('failed')
      await wait('parsing')
      await db.owner.unsafe(
        `select graphile_worker.add_job('document.process', json_build_object('orgId', $1::text, 'versionId', $2::text))`,
        [tenant.orgId, document.versionId],
      )
      expect(await repairVersions(deps(), never)).toEqual({ version: 0, versionFailed: 0 })
      await fresh()
    })

    test('goes on with the others when one job cannot be put back', async () => {
      await fresh()
      await job('queued', { job: '999999', ago: '3 minutes', worker: 'bad' })
      const good = await job('queued', { job: '999998', ago: '2 minutes' })
      await db.owner.unsafe(`
        create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
        create trigger refuse before update on job_run for each row when (old.worker = 'bad') execute function refuse()`)
      onTestFinished(() =>
        db.owner.unsafe('drop trigger refuse on job_run; drop function refuse').then(() => undefined),
      )
      expect(await repairJobs(deps())).toEqual({ job: 1, jobEnded: 0 })
      expect((await jobs()).find(({ id }) => id === good)?.['state']).toMatch(/waiting|queued/)
    })

    test('lets a job wait again that the queue does not have, and ends one that ran', async () => {
      await fresh()
      const lost = await job('queued', { job: '999999', ago: '2 minutes' })
      await job('queued', { job: '999998', ago: '10 s' })
      const ran = await job('running', { job: '999997', worker: 'gone', ago: '2 minutes' })
      const runs = await job('running', { job: '999996', worker: 'alive', ago: '2 minutes' })
      await db.owner.unsafe(`insert into worker_heartbeat (pool_id, host) values ('alive', 'test')`)
      expect(await repairJobs(deps())).toEqual({ job: 1, jobEnded: 1 })
      const after = new Map((await jobs()).map((row) => [row['id'], row]))
      expect(after.get(lost)).toMatchObject({ class: null })
      expect(['waiting', 'queued']).toContain(after.get(lost)?.['state'])
      expect(after.get(ran)).toMatchObject({ state: 'failed', class: 'worker_lost' })
      expect(after.get(runs)).toMatchObject({ state: 'running' })
      expect(await repairJobs(deps())).toEqual({ job: 0, jobEnded: 0 })
    })

    test('ends answers that nobody has written for a minute, and none that somebody takes over meanwhile', async () => {
      const conversation = async () => {
        if (tenant.member.kind === 'system') throw new TypeError('a job asks nothing')
        const made = await createConversation(tenant, tenant.member, document)
        await db.owner.unsafe(`update message set state = 'streaming', text = '' where id = $1`, [made.answerId])
        return made
      }
      const state = async (id: string, beat: string | null) =>
        db.owner.unsafe(
          `update run set state = 'running', ended_at = null, created_at = now() - interval '5 minutes', heartbeat_at = now() - $2::interval where id = $1`,
          [id, beat],
        )
      const [dead, lives, claimed, freed, forgotten] = [
        await conversation(),
        await conversation(),
        await conversation(),
        await conversation(),
        await conversation(),
      ]
      await state(dead.runId, '2 minutes')
      await state(lives.runId, '30 s')
      await state(claimed.runId, '2 minutes')
      await state(freed.runId, null)
      await state(forgotten.runId, null)
      await db.owner.unsafe(`insert into signal (org_id, topic, subject_id) values ($1, 'run.free', $2)`, [
        tenant.orgId,
        freed.runId,
      ])
      const repairing = repairRuns({ database: db.database, model: 'test' }, never, 2_000)
      await db.owner.unsafe('update run set attempt = attempt + 1, heartbeat_at = now() where id = $1', [claimed.runId])
      expect(await repairing).toEqual({ run: 2 })
      const states = async (id: string) =>
        (
          await db.owner.unsafe(
            'select r.state, m.state as message from run r join message m on m.id = r.message_id where r.id = $1',
            [id],
          )
        )[0]
      for (const { runId } of [dead, forgotten])
        expect(await states(runId)).toEqual({ state: 'interrupted', message: 'interrupted' })
      for (const { runId } of [lives, claimed, freed])
        expect(await states(runId)).toEqual({ state: 'running', message: 'streaming' })
      const usage = await db.owner.unsafe('select id, model from usage_event where id = $1', [dead.runId])
      expect(usage).toEqual([{ id: dead.runId, model: 'test' }])
    })
  })
})

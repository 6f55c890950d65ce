import { randomUUID } from 'node:crypto'
import {
  auditEvent,
  cronItem,
  installationFigures,
  jobDetail,
  jobItem,
  jobOverview,
  jobsChanged,
  pageOf,
  processList,
  workerItem,
} from '@quarry/contracts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { startProcess, type Process } from './testing/tenancy.ts'
import { CANARY, createWorld, type World } from './testing/world.ts'
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

const run = (statement: string, ...values: (string | number)[]) =>
  process.database.owner.unsafe<Record<string, string | null>[]>(statement, values)
const ask = <T>(schema: z.ZodType<T>, path: string, input?: object) =>
  process.get(schema, world.operator, `operations.${path}`, input)
const change = async (path: string, input: object) => (await ask(jobsChanged, path, input)).changed
const ref = (id: string) => ({ orgId: world.tenant.orgId, id })
const auditLog = async () =>
  (await process.get(pageOf(auditEvent), world.tenant.owner, 'audit.list', { action: 'job' })).items

it('shows jobs of all organisations by whose they are, and no name, path or text of what they are about', async () => {
  const other = await createWorld(process.core, process.database)
  const replies = [
    await ask(pageOf(jobItem), 'jobs', { limit: 100 }),
    await ask(pageOf(jobItem), 'jobs', { orgId: other.tenant.orgId }),
    await ask(jobDetail, 'job', ref(world.jobs.failed)),
    await ask(jobOverview, 'overview', { range: 'hour' }),
    await ask(z.array(workerItem), 'workers'),
  ] as const
  const [all, ofOne, job, overview] = replies
  const organisations = all.items.map(({ organisation }) => organisation?.id)
  expect(organisations).toEqual(expect.arrayContaining([world.tenant.orgId, other.tenant.orgId]))
  expect(ofOne.items.map(({ id }) => id)).toEqual([other.jobs.waiting, other.jobs.failed])
  expect(ofOne.items[0]?.organisation).toEqual({ id: other.tenant.orgId, name: other.tenant.name })
  expect(job).toMatchObject({
    document: null,
    actions: ['retry'],
    attempts: [{ errorStack: 'at read (read-file.ts:1)' }],
  })
  expect(overview.failures.map(({ errorClass }) => errorClass)).toContain(failureOf(other.tenant))
  for (const secret of [CANARY, world.document.path, world.document.documentId, world.collectionId])
    expect(JSON.stringify(replies)).not.toContain(secret)
})

it('answers the id of a job with another organisation as one that nobody has', async () => {
  const other = await createWorld(process.core, process.database)
  const [mixed, unknown] = [
    { orgId: other.tenant.orgId, id: world.jobs.failed },
    { orgId: randomUUID(), id: randomUUID() },
  ]
  for (const path of ['job', 'retry', 'cancel']) {
    const outcome = await process.try(world.operator, `operations.${path}`, mixed)
    expect(outcome).toMatchObject({ ok: false, status: 404 })
    expect(outcome).toEqual(await process.try(world.operator, `operations.${path}`, unknown))
  }
})

it('is not for owners of an organisation, who see their own jobs otherwise', async () => {
  for (const actor of [world.tenant.owner, world.tenant.admin, world.tenant.member, world.tenant.apiKey])
    expect(await process.try(actor, 'operations.jobs', {})).toMatchObject({ ok: false, status: 403 })
})

it('acts on any job, once, and the log of its organisation names who did', async () => {
  expect(await change('retry', ref(world.jobs.failed))).toBe(1)
  expect(await change('retry', ref(world.jobs.failed))).toBe(0)
  expect(await change('setPriority', { ...ref(world.jobs.waiting), priority: 3 })).toBe(1)
  expect(await change('cancel', ref(world.jobs.waiting))).toBe(1)
  expect(await change('cancel', ref(world.jobs.waiting))).toBe(0)
  const events = await auditLog()
  expect(events.map(({ action, actor }) => [action, actor.id, actor.name])).toEqual(
    ['job.cancel', 'job.prioritise', 'job.retry'].map((action) => [action, world.operator.id, 'Operator']),
  )
  expect(events.every(({ details }) => details['operator'] === true)).toBe(true)
})

it('tries all again that failed in one way, in every organisation, and each log says so', async () => {
  const other = await createWorld(process.core, process.database)
  const errorClass = `both-${randomUUID()}`
  await run(
    `update job_run set error_class = $1 where id in ($2, $3)`,
    errorClass,
    world.jobs.failed,
    other.jobs.failed,
  )
  const input = { kind: 'document.process', errorClass }
  expect(await change('retryClass', input)).toBe(2)
  expect(await change('retryClass', input)).toBe(0)
  expect(await auditLog()).toMatchObject([{ action: 'job.retry', details: { errorClass, jobs: 1, operator: true } }])
})

it('pauses a kind and lets it go on, once each, which jobs of it say, and the log of the installation', async () => {
  const why = async () => (await process.get(jobDetail, world.tenant.admin, 'jobs.get', { id: world.jobs.waiting })).why
  const kind = 'document.embed'
  const events = async () =>
    (
      await run('select action from operator_event where user_id = $1 order by created_at', world.operator.id ?? '')
    ).map(({ action }) => action)
  expect(await why()).toMatch(/^No worker is running/)
  expect([await change('pause', { kind }), await change('pause', { kind })]).toEqual([1, 0])
  expect(await why()).toMatch(/^The queue is paused by the operator since \d\d:\d\d UTC/)
  const overview = await process.get(jobOverview, world.tenant.admin, 'jobs.overview', { range: 'hour' })
  expect(overview.kinds.map((one) => [one.kind, one.paused])).toEqual([
    ['document.process', false],
    [kind, true],
  ])
  expect([await change('resume', { kind }), await change('resume', { kind })]).toEqual([1, 0])
  expect(await why()).toMatch(/^No worker is running/)
  expect(await events()).toEqual(['queue.pause', 'queue.resume'])
})

it('lists workers that live by process, with their lanes and what they run', async () => {
  const name = randomUUID()
  const beat = (pool: string, lane: string, seen: string) =>
    run(
      `insert into worker_heartbeat (pool_id, host, process_id, lane, places, kinds, seen_at)
       values ($1, 'here', $2, $3, 2, '{document.embed}', now() - $4::interval)`,
      ...[`${name} ${pool}`, name, lane, seen],
    )
  await beat('a', 'files', '1 second')
  await beat('b', 'embeddings', '2 seconds')
  await beat('dead', 'files', '1 minute')
  await run(
    `update job_run set state = 'running', worker = $1, stage = 'embedding', started_at = now() where id = $2`,
    ...[`${name} b`, world.jobs.waiting],
  )
  const [worker, ...more] = await ask(z.array(workerItem), 'workers')
  expect(more).toEqual([])
  expect(worker).toMatchObject({ process: name, host: 'here' })
  expect(worker?.lanes.map(({ lane, places }) => [lane, places]).toSorted()).toEqual([
    ['embeddings', 2],
    ['files', 2],
  ])
  expect(worker?.running).toMatchObject([{ ...ref(world.jobs.waiting), kind: 'document.embed', stage: 'embedding' }])
  await run('delete from worker_heartbeat where process_id = $1', name)
})

it('asks for what the clock does, once, by name', async () => {
  expect([await change('runCron', { name: 'reconcile' }), await change('runCron', { name: 'reconcile' })]).toEqual([
    1, 0,
  ])
  const items = await ask(z.array(cronItem), 'cron')
  expect(items.find(({ name }) => name === 'reconcile')?.last).toMatchObject({
    state: 'queued',
    requestedBy: 'Operator',
  })
  const [event] = await run('select action from operator_event where user_id = $1', world.operator.id ?? '')
  expect(event).toEqual({ action: 'cron.run' })
})

it('lists processes that report and those that stopped, and what they do together', async () => {
  const name = randomUUID()
  const report = (of: string, kind: string, ago: string, figures: object) =>
    run(
      `insert into process_report (process, kind, index, host, build, started_at, at, figures)
       values ($1, $2, 1, 'here', 'b1', now() - interval '2 hours', now() - $3::interval, $4::text::jsonb)`,
      ...[`${name} ${of}`, kind, ago, JSON.stringify(figures)],
    )
  await report('web', 'web', '70 seconds', { requests: 100 })
  await report('web', 'web', '10 seconds', { requests: 220, rssBytes: 5_000_000, loopDelayMs: 3 })
  await report('worker', 'worker', '30 seconds', { jobs: 30, queueDepth: 7, oldestJobSeconds: 12 })
  await report('gone', 'web', '50 seconds', { requests: 9 })
  await report('long gone', 'web', '20 minutes', { requests: 9 })
  const { reporting, processes } = await ask(processList, 'processes')
  expect(reporting, 'a test has no metrics').toBe(false)
  expect(processes.map(({ process: of, live }) => [of.replace(`${name} `, ''), live])).toEqual([
    ['web', true],
    ['worker', true],
    ['gone', false],
  ])
  expect(processes[0]).toMatchObject({ host: 'here', build: 'b1', index: 1, rssBytes: 5_000_000, jobsPerMinute: null })
  expect(processes[0]?.requestsPerSecond).toBeCloseTo(2)
  // Its whole life is all that is known of it.
  expect(processes[1]?.jobsPerMinute).toBeCloseTo(30 / 120, 1)
  expect(processes[2]?.requestsPerSecond).toBeNull()
  for (const [range, length] of [
    ['hour', 60],
    ['day', 48],
  ] as const) {
    const { points } = await ask(installationFigures, 'figures', { range })
    expect(points).toHaveLength(length)
    expect(points.at(-1)?.requestsPerSecond ?? points.at(-2)?.requestsPerSecond).toBeGreaterThan(0)
    expect(points.some(({ queueDepth }) => queueDepth === 7)).toBe(true)
  }
  for (const path of ['processes', 'figures'])
    for (const actor of [world.tenant.owner, world.tenant.admin, world.tenant.member, world.tenant.apiKey])
      expect(await process.try(actor, `operations.${path}`, { range: 'hour' })).toMatchObject({
        ok: false,
        status: 403,
      })
  await run('delete from process_report')
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWebCore, sweepDeletedConversations, type WebCore } from '@quarry/core/web'
import { createWorkerCore, type WorkerCore } from '@quarry/core/worker'
import { latestSignalId, readSignals, schema, type Database } from '@quarry/db'
import { createTestDatabase, insertManyRows, largeTables, planProblems, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, procedures } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { actorOf, rowOf } from './testing/matrix-probes.ts'
import { recordPlans, type SeenPlan } from './testing/plan-recorder.ts'
import { createWorld, type World } from './testing/world.ts'

const MANY_SECONDS = 180_000

let database: TestDatabase
let watched: Database
let core: WebCore
let worker: WorkerCore
let folder: string
/** Its organisation is the largest of the installation. */
let large: World
let small: World
let aboveTenThousand: ReadonlySet<string>
const recorder = recordPlans()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-plans-'))
  database = await createTestDatabase()
  watched = database.open({ watch: recorder.watch })
  const environment = testEnvironment(database, folder)
  core = createWebCore({ ...environment, watch: recorder.watch })
  worker = createWorkerCore({ ...environment, queueRunners: 1, watch: recorder.watch })
  large = await createWorld(core, database)
  small = await createWorld(core, database)
  await insertManyRows(database, large.tenant)
  aboveTenThousand = await largeTables(database.owner, 10_000)
}, MANY_SECONDS)
afterAll(async () => {
  await Promise.all([core.close(), worker.close()])
  await database.close()
  rmSync(folder, { recursive: true })
})

/** What may be read all the same, and why. */
const ALLOWED: Record<string, RegExp> = {
  // People are not an organisation's: who lists a twentieth of them all is quicker through the whole table.
  'members.list': /reads all of user$/,
  'invitations.list': /reads all of user$/,
  'collections.access': /reads all of user$/,
  // Of the caller's own conversations, newest first, until a page is full.
  'conversations.list': /^reads \d+ rows of (conversation|message|run) in vain$/,
  // Through those of everybody in that time, of which the largest organisation has most.
  'jobs.overview': /^reads \d+ rows of job_run in vain$/,
  'organisation.usage': /^reads \d+ rows of usage_event in vain$/,
  // What has not failed in that time is in the charts beside it.
  'operations.overview': /^reads \d+ rows of job_run in vain$/,
  // A chart of a day is of all that is kept.
  'operations.figures': /^reads all of process_report$/,
  // A part of a path stands in no index; names of ten thousand documents are a megabyte.
  'jobs.list': /^reads (\d+ rows of document in vain|all of job_run through job_run_age)$/,
  'documents.list': /^reads \d+ rows of document in vain$/,
}

/** After these their world has less than the others look for, in this order. */
const LAST = [
  'collections.update',
  'documents.delete',
  'conversations.delete',
  'collections.delete',
  'keys.revoke',
  'members.remove',
  'members.leave',
  'organisation.delete',
  'organisation.restore',
]
/** What another one of them uses up. */
const IN_A_WORLD_OF_ITS_OWN = ['invitations.revoke', 'organisation.rename']

const inOrder = procedures().toSorted((a, b) => turnOf(a) - turnOf(b))
function turnOf({ path, type }: { path: string; type: string }): number {
  return LAST.includes(path) ? 2 + LAST.indexOf(path) : type === 'query' ? 0 : 1
}

const problemsOf = (plans: readonly SeenPlan[], allowed?: RegExp): string[] =>
  plans.flatMap(({ kind, plan }) =>
    planProblems(plan, aboveTenThousand)
      .filter((problem) => !allowed?.test(problem))
      .map((problem) => `${problem}: ${kind}`),
  )

const problemsOfCalls = async (world: World, path: string): Promise<string[]> => {
  const problems = []
  for (const { input, meanwhile } of rowOf(path).inputs(world)) {
    const plans = await recorder.during(async () => {
      const outcome = await call(core, actorOf(path, world), path, input, meanwhile && (() => meanwhile(world)))
      expect(outcome).toMatchObject({ ok: true })
    })
    expect(plans.length).toBeGreaterThan(0)
    problems.push(...problemsOf(plans, ALLOWED[path]))
    if (path.endsWith('.delete')) break
  }
  return problems
}

it('every table of an organisation is large here', async () => {
  const rows = await database.owner.unsafe<{ name: string }[]>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
     where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace`,
  )
  expect(rows.length).toBeGreaterThan(15)
  expect(rows.map(({ name }) => name).filter((name) => !aboveTenThousand.has(name))).toEqual([])
})

describe('reads no large table from end to end, and asks each policy once', () => {
  it.each(inOrder)('$path', { timeout: MANY_SECONDS }, async ({ path, type }) => {
    const world = IN_A_WORLD_OF_ITS_OWN.includes(path) ? await createWorld(core, database) : large
    expect(await problemsOfCalls(world, path)).toEqual([])
    if (type === 'query') expect(await problemsOfCalls(small, path)).toEqual([])
  })

  it('entering an organisation', async () => {
    // As app_enter() reads them, which shows no plan of its own.
    const plans = await recorder.during(async () => {
      for (const actor of [large.tenant.owner, large.tenant.member, large.tenant.apiKey, small.tenant.viewer])
        await watched.tenant(actor).tx((tx) => tx.select({ id: schema.collection.id }).from(schema.collection))
    })
    expect(plans).toHaveLength(4)
    expect(problemsOf(plans)).toEqual([])
  })

  const byTheClock = (name: string) => worker.clock.run({ name }, 'plans', new AbortController().signal)
  const SWEEPS: Record<string, () => Promise<unknown>> = {
    'answers whose process is gone': () => core.lookForRuns(),
    'deleted conversations': () => sweepDeletedConversations(core.deps),
    'closed organisations': () => byTheClock('deleted-organisations'),
    'unfinished uploads': () => byTheClock('expired-uploads'),
    'what is kept no longer': () => byTheClock('retention'),
    'usage of days that are over': () => byTheClock('usage-rollup'),
    'what nobody works on': () => byTheClock('reconcile'),
    'jobs of dead workers': () => worker.jobs.orphaned(['pool 1', 'pool 2'], 30),
    'cancelled jobs': () => worker.jobs.cancelled(['pool 1', 'pool 2']),
    'jobs whose turn has come': () => worker.jobs.admitDue(),
    'jobs that the queue has lost': () => worker.jobs.requeueMissing(),
    'the depth of the queue': () => worker.jobs.depth(),
    'versions without vectors': () => worker.backfill(),
    'new signals': () =>
      watched.system(async (tx) => readSignals(tx, Math.max(0, (await latestSignalId(tx)) - 20), 1_000)),
  }
  it.each(Object.keys(SWEEPS))('the sweep of %s', { timeout: MANY_SECONDS }, async (name) => {
    const plans = await recorder.during(() => SWEEPS[name]!())
    expect(plans.length).toBeGreaterThan(0)
    expect(problemsOf(plans)).toEqual([])
  })
})

it('every foreign key is covered by an index, for the deletions that follow it', async () => {
  const uncovered = await database.owner.unsafe<{ name: string }[]>(
    `select c.conrelid::regclass || ' ' || c.conname as name from pg_constraint c
     where c.contype = 'f' and c.conparentid = 0 and not exists (
       select from pg_index i where i.indrelid = c.conrelid and i.indpred is null
         and c.conkey <@ (string_to_array(i.indkey::text, ' ')::int2[])[1:array_length(c.conkey, 1)])`,
  )
  expect(uncovered.map(({ name }) => name)).toEqual([])
})

// Last, because it takes away what the others look for.
describe('the test notices', () => {
  // Another page each time: what was read before may be kept.
  const listDocuments = (limit: number) =>
    recorder.during(() => call(core, large.tenant.owner, 'documents.list', { limit }))

  it('an index that is gone', async () => {
    expect(problemsOf(await listDocuments(7))).toEqual([])
    await database.owner.unsafe(`alter table document drop constraint document_org_id_id_pk cascade`)
    await database.owner.unsafe(`drop index document_newest, document_newest_in_collection`)
    await database.owner.unsafe(`alter table document drop constraint document_source_path`)
    expect(problemsOf(await listDocuments(8)).join('\n')).toContain('reads all of document')
  })

  it('a policy that asks for a setting in each row', async () => {
    await database.owner.unsafe(
      `alter policy own on conversation using (org_id = (select case when title is null then null else current_setting('app.org_id')::uuid end))`,
    )
    const plans = await recorder.during(() =>
      call(core, large.tenant.member, 'conversations.get', { id: large.conversation.conversationId }),
    )
    expect(problemsOf(plans).join('\n')).toContain('asks for a setting in each row')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { statementKind, type WatchedStatement } from '@quarry/db'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, procedures } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { fillWorld } from './testing/fill-world.ts'
import { actorOf, rowOf } from './testing/matrix-probes.ts'
import { recordStatements } from './testing/statement-recorder.ts'
import { createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let core: WebCore
let folder: string
let few: World
let many: World
let other: World
const recorder = recordStatements()

/** What queries find of it does not become more: it is about one thing, or counts. */
const ABOUT_ONE = [
  // Of the installation, which is the same for both.
  ...procedures().flatMap(({ path, can }) => (can === 'operator' ? [path] : [])),
  'session.me',
  'session.closedWorkspaces',
  'documents.get',
  'documents.version',
  'documents.page',
  'documents.places',
  'search.facets',
  'jobs.get',
  'jobs.overview',
  'invitations.preview',
  'organisation.usage',
]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-statements-'))
  database = await createTestDatabase()
  core = createWebCore({ ...testEnvironment(database, folder), watch: recorder.watch })
  // The poller of signals starts with its first listener, and is nobody's call.
  const { orgId } = (few = await createWorld(core, database)).tenant
  core.deps.signals.subscribe(orgId, () => undefined)
  many = await createWorld(core, database)
  other = await createWorld(core, database)
  await fillWorld(few, 3)
  await fillWorld(many, 30)
  await fillWorld(other, 3)
}, 120_000)
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

const textOf = ({ text, entrance }: WatchedStatement) => (entrance ? 'enter' : statementKind(text))

/** For each input of the table: what was sent for it, and how long the reply was. */
const measure = async (world: World, path: string) => {
  const measured = []
  for (const { input, meanwhile } of rowOf(path).inputs(world)) {
    let length = 0
    const statements = await recorder.during(async () => {
      const told = meanwhile && (() => recorder.aside(() => meanwhile(world)))
      const outcome = await call(core, actorOf(path, world), path, input, told)
      expect(outcome).toMatchObject({ ok: true })
      length = JSON.stringify(outcome).length
    })
    measured.push({ statements: statements.map(textOf), length })
    if (path.endsWith('.delete') || path === 'keys.revoke' || path === 'documents.complete') break
  }
  return measured
}

it('the recorder counts what a call sends, and each transaction', async () => {
  // One whose answers are not kept.
  const path = 'documents.page'
  const input = { versionId: few.document.versionId, ordinal: 1 }
  const twice = await recorder.during(async () => {
    for (let i = 0; i < 2; i++) await call(core, few.tenant.owner, path, input)
  })
  expect(twice.map(textOf).map((text) => text.slice(0, 17))).toEqual([
    'enter',
    'select "document_',
    'enter',
    'select "document_',
  ])
})

describe.each(procedures().filter(({ type }) => type === 'query'))('$path', ({ path }) => {
  it('sends the same for ten times as many rows', async () => {
    // The stems of words that a process has met are not asked for again.
    // Elsewhere, since the answer itself may be kept.
    if (path === 'search.query') await measure(other, path)
    const [some, more] = [await measure(few, path), await measure(many, path)]
    expect(more.map(({ statements }) => statements)).toEqual(some.map(({ statements }) => statements))
    if (!ABOUT_ONE.includes(path)) expect(more[0]?.length).toBeGreaterThan(2 * (some[0]?.length ?? 0))
  })
})

// After the queries: some of these change or delete what those look at. The filled world is each one's own.
describe.each(procedures())('$path', ({ path, statements: declared }) => {
  it('sends no more than it declares', async () => {
    expect(declared, `${path} does not declare how many statements it sends`).toBeGreaterThan(0)
    const world = await createWorld(core, database)
    await fillWorld(world, 4)
    for (const { statements } of await measure(world, path))
      expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(declared ?? 0)
  })
})

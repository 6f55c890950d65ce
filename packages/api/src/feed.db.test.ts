import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Actor, CollectionId, FeedEvent } from '@quarry/contracts'
import {
  createCollection,
  createManyDocuments,
  createWebCore,
  deleteCollection,
  deleteConversation,
  deleteDocument,
  streamFeed,
  type VerbContext,
  type WebCore,
} from '@quarry/core/web'
import { emitSignal } from '@quarry/db'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { testEnvironment } from './testing/environment.ts'
import { createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let core: WebCore
let folder: string
let world: World
let open = new AbortController()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-feed-'))
  database = await createTestDatabase()
  core = createWebCore(testEnvironment(database, folder))
})
beforeEach(async () => {
  open = new AbortController()
  world = await createWorld(core, database)
})
afterEach(() => open.abort())
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

const as = (actor: Actor): VerbContext => ({ deps: core.deps, actor, requestId: randomUUID() })
const marker = (): Promise<unknown> =>
  createCollection(as(world.tenant.owner), { name: `marker ${randomUUID()}`, visibility: 'organisation' })

/** What `actor` is told from now on. It is open when a first event of everybody's has come. */
const listen = async (actor: Actor) => {
  const told: FeedEvent[] = []
  const reading = (async () => {
    for await (const event of streamFeed(as(actor), open.signal)) told.push(event)
  })()
  reading.catch(() => undefined)
  await vi.waitFor(
    async () => {
      await marker()
      expect(told.length).toBeGreaterThan(0)
    },
    { timeout: 10_000, interval: 300 },
  )
  return { told, subjects: () => new Set(told.map((event) => event.subjectId)) }
}
/** Everything that was sent before has been told: a later event of everybody's has come. */
const settled = async (...listeners: readonly { readonly told: FeedEvent[] }[]) => {
  const counts = listeners.map(({ told }) => told.length)
  const id = randomUUID()
  await createCollection(as(world.tenant.owner), { name: id, visibility: 'organisation' })
  await vi.waitFor(() => listeners.forEach(({ told }, i) => expect(told.length).toBeGreaterThan(counts[i] ?? 0)), {
    timeout: 10_000,
  })
}
const upload = (collectionId: CollectionId) =>
  createManyDocuments(as(world.tenant.owner), { collectionId, files: [{ path: `${randomUUID()}.md`, sizeBytes: 1 }] })

it('tells a member nothing of a collection that is closed to them, and a manager all of it', async () => {
  const closed = await createCollection(as(world.tenant.owner), { name: randomUUID(), visibility: 'restricted' })
  const [member, admin] = [await listen(world.tenant.member), await listen(world.tenant.admin)]
  const [file] = await upload(closed.id)
  await deleteDocument(as(world.tenant.owner), { id: file?.documentId ?? world.document.documentId })
  const another = await createCollection(as(world.tenant.owner), { name: randomUUID(), visibility: 'restricted' })
  await deleteCollection(as(world.tenant.owner), { id: closed.id })
  await settled(member, admin)
  expect([...admin.subjects()]).toEqual(expect.arrayContaining([closed.id, another.id]))
  for (const secret of [closed.id, another.id, file?.documentId]) expect(member.subjects()).not.toContain(secret)
})

it('tells of what is there no more to those who could see it', async () => {
  const [member, viewer] = [await listen(world.tenant.member), await listen(world.tenant.viewer)]
  await deleteDocument(as(world.tenant.owner), { id: world.document.documentId })
  await deleteCollection(as(world.tenant.owner), { id: world.collectionId })
  await deleteConversation(as(world.tenant.member), { id: world.conversation.conversationId })
  await settled(member, viewer)
  expect([...member.subjects()]).toEqual(
    expect.arrayContaining([world.collectionId, world.conversation.conversationId]),
  )
  expect(viewer.subjects()).toContain(world.collectionId)
  expect(viewer.subjects()).not.toContain(world.conversation.conversationId)
})

it('tells of jobs to those who manage them, each once for many signals, and of what is for processes to nobody', async () => {
  const [admin, member] = [await listen(world.tenant.admin), await listen(world.tenant.member)]
  const { failed, waiting } = world.jobs
  await database.database.tenant(world.tenant.system).tx(async (tx) => {
    for (const topic of ['job', 'job', 'job.cancel', 'run.free', 'job'] as const) await emitSignal(tx, topic, failed)
    await emitSignal(tx, 'job.cancel', waiting)
  })
  await vi.waitFor(() => expect(admin.subjects()).toContain(failed), { timeout: 10_000 })
  await settled(admin, member)
  expect(admin.told.filter(({ subjectId }) => subjectId === failed).map(({ topic }) => topic)).toEqual(['job'])
  expect(admin.subjects()).not.toContain(waiting)
  expect(member.subjects()).not.toContain(failed)
})

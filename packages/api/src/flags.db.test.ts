import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { deleteFlag, deleteLimits, writeFlag, writeLimits } from '@quarry/db'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createWorld, type World } from './testing/world.ts'
import { testEnvironment } from './testing/environment.ts'
import { startProcess, type Process } from './testing/tenancy.ts'
import { call } from './testing/call.ts'

/** What was changed counts a second later; the rest is for a machine that stands still. */
const COUNTS_WITHIN_MS = 5_000

let first: Process
let second: WebCore
let world: World
let other: World
const folder = mkdtempSync(join(tmpdir(), 'quarry-flags-'))

beforeAll(async () => {
  first = await startProcess()
  second = createWebCore(testEnvironment(first.database, folder))
  world = await createWorld(first.core, first.database)
  other = await createWorld(first.core, first.database)
})
afterAll(async () => {
  await second.close()
  await first.close()
  rmSync(folder, { recursive: true })
})

const switchTo = (name: string, enabled: boolean, orgId: string | null = null) =>
  first.database.database.system((tx) => writeFlag(tx, { name, orgId, enabled, percentage: 100 }))
const reset = (name: string, orgId: string | null = null) =>
  first.database.database.system((tx) => deleteFlag(tx, name, orgId))
const cores = () => [first.core, second]

const ask = (core: WebCore, { tenant }: World) =>
  call(core, tenant.member, 'chat.send', { text: 'Who sings?', idempotencyKey: randomUUID() })
const createFile = (core: WebCore, { tenant, collectionId }: World) =>
  call(core, tenant.member, 'documents.createMany', {
    collectionId,
    files: [{ path: `${randomUUID()}.md`, sizeBytes: 1 }],
  })

test('what is switched off is refused with a sentence in every process, and let through again, without a restart', async () => {
  for (const [flag, use] of [
    ['chat.answers', ask],
    ['documents.uploads', createFile],
  ] as const) {
    for (const core of cores()) expect(await use(core, world)).toMatchObject({ ok: true })
    await switchTo(flag, false)
    for (const core of cores()) {
      await vi.waitUntil(async () => !(await core.deps.flags.isOn(flag, world.tenant.orgId)), COUNTS_WITHIN_MS)
      expect(await use(core, world)).toMatchObject({
        ok: false,
        status: 503,
        body: {
          code: 'unavailable',
          message: expect.stringContaining('the operator of this server has paused it'),
          details: { switchedOff: flag, retryAfterSeconds: 60 },
        },
      })
    }
    await reset(flag)
    for (const core of cores()) {
      await vi.waitUntil(() => core.deps.flags.isOn(flag, world.tenant.orgId), COUNTS_WITHIN_MS)
      expect(await use(core, world)).toMatchObject({ ok: true })
    }
  }
})

test('one organisation is switched off alone, and a refused upload leaves what was there', async () => {
  await switchTo('documents.uploads', false, world.tenant.orgId)
  await vi.waitUntil(
    async () => !(await first.core.deps.flags.isOn('documents.uploads', world.tenant.orgId)),
    COUNTS_WITHIN_MS,
  )
  const complete = ({ tenant, upload }: World) =>
    call(first.core, tenant.owner, 'documents.complete', { ticket: upload.ticket })
  expect(await complete(world)).toMatchObject({ ok: false, body: { details: { switchedOff: 'documents.uploads' } } })
  expect(await complete(other)).toMatchObject({ ok: true, output: { outcome: 'accepted' } })
  await reset('documents.uploads', world.tenant.orgId)
  await vi.waitUntil(() => first.core.deps.flags.isOn('documents.uploads', world.tenant.orgId), COUNTS_WITHIN_MS)
  expect(await complete(world)).toMatchObject({ ok: true, output: { outcome: 'accepted' } })
})

test('what is there can be read while answers are switched off', async () => {
  await switchTo('chat.answers', false)
  await vi.waitUntil(async () => !(await second.deps.flags.isOn('chat.answers', world.tenant.orgId)), COUNTS_WITHIN_MS)
  const { member } = world.tenant
  const outcome = await call(second, member, 'conversations.get', { id: world.conversation.conversationId })
  expect(outcome).toMatchObject({ ok: true })
  await reset('chat.answers')
})

test('limits of an organisation are its own, each as configured until it is set', async () => {
  const { orgId } = world.tenant
  const limitsIn = (core: WebCore) => core.deps.flags.limitsOf(orgId)
  const write = (limits: { perMinute?: number; runsPerUser?: number | null }) =>
    first.database.database.system((tx) => writeLimits(tx, { orgId, ...limits }))
  await write({ perMinute: 5 })
  await write({ runsPerUser: 2 })
  for (const core of cores()) {
    await vi.waitUntil(async () => (await limitsIn(core)).runsPerUser === 2, COUNTS_WITHIN_MS)
    expect(await limitsIn(core)).toEqual({ perMinute: 5, perHour: null, runsPerUser: 2, runsPerOrganisation: null })
    expect(await core.deps.flags.limitsOf(other.tenant.orgId)).toMatchObject({ perMinute: null })
  }
  await write({ runsPerUser: null })
  await vi.waitUntil(async () => (await limitsIn(second)).runsPerUser === null, COUNTS_WITHIN_MS)
  expect(await first.database.database.system((tx) => deleteLimits(tx, orgId))).toBe(true)
  expect(await first.database.database.system((tx) => deleteLimits(tx, orgId))).toBe(false)
  for (const core of cores())
    await vi.waitUntil(async () => (await limitsIn(core)).perMinute === null, COUNTS_WITHIN_MS)
})

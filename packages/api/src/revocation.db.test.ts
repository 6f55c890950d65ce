import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Actor, CollectionId } from '@quarry/contracts'
import { createWebCore, listMembers, sendMessage, type VerbContext, type WebCore } from '@quarry/core/web'
import { schema } from '@quarry/db'
import {
  createCollection,
  createDocument,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, procedures } from './testing/call.ts'
import { MATRIX } from './testing/matrix-table.ts'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'
import { createWorld } from './testing/world.ts'

let database: TestDatabase
let model: SlowModel
let folder: string
/** Where answers are written, and where the changes are made. */
let here: WebCore
let elsewhere: WebCore
let tenant: TestTenant
let collectionId: CollectionId

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-revocation-'))
  database = await createTestDatabase()
  model = await startSlowModel()
  const start = () => createWebCore(slowModelEnvironment(database, folder, model))
  ;[here, elsewhere] = [start(), start()]
})
beforeEach(async () => {
  tenant = await createTenant(database)
  collectionId = await createCollection(tenant, { visibility: 'restricted' })
})
afterAll(async () => {
  await Promise.all([here.close(), elsewhere.close()])
  await model.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

const as = (core: WebCore, actor: Actor): VerbContext => ({ deps: core.deps, actor, requestId: randomUUID() })
const ask = (actor: Actor, collectionIds: CollectionId[] | null = null) =>
  sendMessage(as(here, actor), { text: 'What is the word?', idempotencyKey: randomUUID(), collectionIds })
const memberIdOf = async (actor: Actor) => {
  const found = (await listMembers(as(elsewhere, tenant.owner))).find(({ userId }) => userId === actor.id)
  if (!found) throw new Error('is no member')
  return found.id
}
const stateOf = async (runId: string) => {
  const [row] = await database.owner.unsafe<{ state: string; text: string }[]>(
    `select r.state, m.text from run r join message m on m.org_id = r.org_id and m.id = r.message_id where r.id = $1`,
    [runId],
  )
  return row
}
/** An answer of which something is written already. */
const beginAnswer = async (actor: Actor, collectionIds: CollectionId[] | null = null) => {
  const reply = await ask(actor, collectionIds)
  await vi.waitFor(
    async () => {
      const parts = await database.owner.unsafe(`select 1 from run_part where run_id = $1`, [reply.runId])
      expect(parts).not.toHaveLength(0)
    },
    { timeout: 10_000 },
  )
  return reply
}
/** A signal is read every 250 ms, and a busy machine gets as long again; the heartbeat, after 1.5 s, is the net below. */
const STOPPED_WITHIN_MS = 1000
/** A machine that stands still for a second says nothing about us; three times in a row, it is us. */
const MEASURED = { retry: 2 }
const expectStopped = async (runId: string) => {
  const from = performance.now()
  await vi.waitFor(async () => expect((await stateOf(runId))?.state).toBe('stopped'), { timeout: 5000, interval: 20 })
  expect(performance.now() - from).toBeLessThan(STOPPED_WITHIN_MS)
  expect((await stateOf(runId))?.text).toContain('word 1')
}
const change = async (path: string, input?: object, by: Actor = tenant.owner) => {
  const outcome = await call(elsewhere, by, path, input)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
}
const granteeOf = ({ kind, id }: Actor) => ({ kind, id })

it(
  'answers of who is removed, leaves or is demoted, and of a revoked key, end with what is written; no others do',
  MEASURED,
  async () => {
    const { member, viewer, admin, apiKey } = tenant
    const changes: [Actor, () => Promise<void>][] = [
      [member, async () => change('members.remove', { id: await memberIdOf(member) })],
      [viewer, () => change('members.leave', undefined, viewer)],
      [admin, async () => change('members.changeRole', { id: await memberIdOf(admin), role: 'viewer' })],
      [apiKey, () => change('keys.revoke', { id: apiKey.id })],
    ]
    const [untouched, ...answers] = await Promise.all(
      [tenant.owner, ...changes.map(([one]) => one)].map((one) => beginAnswer(one)),
    )
    for (const [i, [, changed]] of changes.entries()) {
      await changed()
      await expectStopped(answers[i]?.runId ?? '')
    }
    if (!untouched) throw new Error('nobody asked')
    expect((await stateOf(untouched.runId))?.state).toBe('running')
    await change('chat.stop', { runId: untouched.runId })
  },
)

it('answers of a key that a removed member made end too', MEASURED, async () => {
  const { member, apiKey } = tenant
  await database.owner`update auth.apikey
    set metadata = ${JSON.stringify({ role: 'member', madeBy: { kind: 'user', id: member.id } })}
    where id = ${apiKey.id}`
  const answer = await beginAnswer(apiKey)
  await change('members.remove', { id: await memberIdOf(member) })
  await expectStopped(answer.runId)
})

it(
  'answers that may draw on a collection end for those to whom it is closed, and for nobody else',
  MEASURED,
  async () => {
    const { member, viewer, apiKey, admin } = tenant
    const open = await createCollection(tenant)
    const grants = [member, viewer, apiKey].map((one) => ({ collectionId, grantee: granteeOf(one) }))
    for (const grant of grants) await change('collections.grant', grant)
    const [all, other, one, managers, again] = await Promise.all([
      beginAnswer(member),
      beginAnswer(viewer, [open]),
      beginAnswer(apiKey, [collectionId]),
      beginAnswer(admin),
      beginAnswer(member, [open]),
    ])
    await change('collections.revokeGrant', grants[0])
    await expectStopped(all.runId)
    await change('collections.revokeGrant', grants[1])
    expect((await stateOf(one.runId))?.state).toBe('running')
    await change('collections.revokeGrant', grants[2])
    await expectStopped(one.runId)

    expect((await stateOf(again.runId))?.state).toBe('running')
    await change('collections.update', { id: open, visibility: 'restricted' })
    await expectStopped(again.runId)
    await expectStopped(other.runId)
    expect((await stateOf(managers.runId))?.state).toBe('running')
    await change('chat.stop', { runId: managers.runId }, admin)
  },
)

it(
  'an answer that is still being written reads nothing more of a collection whose grant is gone',
  MEASURED,
  async () => {
    const { viewer } = tenant
    await createDocument(tenant, collectionId, { pages: ['The orchid is loud.'] })
    const grant = { collectionId, grantee: granteeOf(viewer) }
    await change('collections.grant', grant)
    // What a generation is given at its start, and what each of its tools opens a transaction with.
    const ofTheGeneration = here.deps.database.tenant(viewer)
    const read = () =>
      ofTheGeneration.tx((tx) => tx.select({ text: schema.documentPage.text }).from(schema.documentPage))
    expect(await read()).toEqual([{ text: 'The orchid is loud.' }])
    await change('collections.revokeGrant', grant)
    expect(await read()).toEqual([])
  },
)

describe.each(procedures().filter(({ type }) => type === 'subscription'))('$path', ({ path }) => {
  /** Read as the member of a world of its own; it is open when it has told something. */
  const openStream = async () => {
    const world = await createWorld(here, database)
    const { member, owner } = world.tenant
    const [row] = MATRIX[path]?.inputs(world) ?? []
    if (!row) throw new Error(`${path} is not in the table`)
    const input = path === 'chat.stream' ? { runId: (await ask(member)).runId } : row.input
    const told = vi.fn<() => void>()
    const ended = call(here, member, path, input, undefined, told)
    await vi.waitFor(
      async () => {
        await row.meanwhile?.(world)
        expect(told).toHaveBeenCalled()
      },
      { timeout: 10_000, interval: 300 },
    )
    return { ended, member, owner, input, id: world.memberIds.member }
  }

  it.each([
    ['members.remove', {}, 401],
    ['members.changeRole', { role: 'viewer' }, 503],
  ])('ends within a second of %s', async (verb, input, status) => {
    const stream = await openStream()
    await change(verb, { id: stream.id, ...input }, stream.owner)
    const from = performance.now()
    expect(await stream.ended).toMatchObject({ ok: false, status })
    expect(performance.now() - from).toBeLessThan(STOPPED_WITHIN_MS)
    // A process that remembers who it was does not let them in again.
    expect(await call(here, stream.member, path, stream.input)).toMatchObject({ ok: false, status })
  })
})

import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { userId, type Actor } from '@quarry/contracts'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { call, type Outcome } from './testing/call.ts'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'

const PER_USER = 4
const PER_ORGANISATION = 10

let database: TestDatabase
let model: SlowModel
let folder: string
let tenant: TestTenant
let replicas: readonly WebCore[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-running-'))
  database = await createTestDatabase()
  model = await startSlowModel()
  tenant = await createTenant(database)
  const env = slowModelEnvironment(database, folder, model)
  const run = { ...env.limits.run, maxPerUser: PER_USER, maxPerOrganisation: PER_ORGANISATION }
  replicas = [0, 1, 2].map(() => createWebCore({ ...env, limits: { ...env.limits, run } }))
})
afterEach(async () => {
  await Promise.all(replicas.map((core) => core.close()))
  await model.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

const somebody = (): Actor => ({ kind: 'user', id: userId.parse(newId()), orgId: tenant.orgId, role: 'member' })
const send = (actor: Actor, replica = 0): Promise<Outcome> =>
  call(replicas[replica % 3]!, actor, 'chat.send', { text: 'What is the word?', idempotencyKey: randomUUID() })
/** So many questions at once, over all replicas: how many were taken, and what the others were told. */
const ask = async (questions: number, actorOf: (i: number) => Actor) => {
  const outcomes = await Promise.all(Array.from({ length: questions }, (_, i) => send(actorOf(i), i)))
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome]))
  return { taken: questions - refused.length, refused }
}

it('a hundred questions of one person at once, at three replicas, are as many answers as one may have', async () => {
  const actor = somebody()
  const { taken, refused } = await ask(100, () => actor)
  expect(taken).toBe(PER_USER)
  for (const outcome of refused)
    expect(outcome).toMatchObject({
      status: 429,
      body: {
        code: 'rate_limited',
        message: 'Too many answers are being written for you.',
        details: { limit: 'runs-per-user', retryAfterSeconds: expect.any(Number) },
      },
    })
  // Who has asked nothing yet still can.
  expect(await send(somebody())).toMatchObject({ ok: true })
})

it('a hundred questions of fifty people of one organisation are as many as it may have; another one goes on', async () => {
  const people = Array.from({ length: 50 }, somebody)
  const { taken, refused } = await ask(100, (i) => people[i % 50]!)
  expect(taken).toBe(PER_ORGANISATION)
  for (const outcome of refused)
    expect(outcome).toMatchObject({ status: 429, body: { details: { limit: 'runs-per-organisation' } } })
  const other = await createTenant(database)
  expect(await send(other.member)).toMatchObject({ ok: true })
})

/** Answers under way whose process last said so long ago that it lives; null: it has given them away. */
const insertRuns = async (actor: Actor, runs: number, silentSeconds: number | null): Promise<void> => {
  const ids = Array.from({ length: runs }, () => [newId(), newId(), newId()] as const)
  await database.owner.begin(async (tx) => {
    for (const [conversation, message, run] of ids) {
      const owner = [tenant.orgId, actor.id] as const
      await tx`insert into conversation (org_id, id, owner_id, title) values (${owner[0]}, ${conversation}, ${owner[1]}, 'x')`
      await tx`insert into message (org_id, id, owner_id, conversation_id, role, state)
        values (${owner[0]}, ${message}, ${owner[1]}, ${conversation}, 'assistant', 'streaming')`
      await tx`insert into run (org_id, id, owner_id, conversation_id, message_id, scope, lease_holder, heartbeat_at)
        values (${owner[0]}, ${run}, ${owner[1]}, ${conversation}, ${message}, '{"collectionIds":null,"documentIds":null}',
          ${silentSeconds === null ? null : 'somebody else'}, now() - ${silentSeconds}::int * interval '1 second')`
    }
  })
}

it('what a dead process held is free again within the minute, and what a living one holds is not', async () => {
  const [ofDead, ofLiving] = [somebody(), somebody()]
  await insertRuns(ofDead, PER_USER, 31)
  await insertRuns(ofLiving, PER_USER, 10)
  expect((await ask(10, () => ofDead)).taken).toBe(PER_USER)
  expect((await ask(10, () => ofLiving)).taken).toBe(0)
})

it('an answer that was given away and that nobody has taken yet is still under way', async () => {
  const actor = somebody()
  await insertRuns(actor, PER_USER - 1, null)
  expect((await ask(10, () => actor)).taken).toBe(1)
})

it('an organisation may have limits of its own', async () => {
  await database.owner.unsafe(
    'insert into organisation_limit (subject_id, runs_per_user, runs_per_organisation) values ($1, 1, 2)',
    [tenant.orgId],
  )
  const [a, b] = [somebody(), somebody()]
  expect((await ask(5, () => a)).taken).toBe(1)
  expect((await ask(5, () => b)).taken).toBe(1)
  const { taken, refused } = await ask(3, somebody)
  expect(taken).toBe(0)
  expect(refused[0]).toMatchObject({ body: { details: { limit: 'runs-per-organisation' } } })
})

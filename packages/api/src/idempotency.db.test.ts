import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendOutput, type Actor, type SendOutput } from '@quarry/contracts'
import { createWebCore, sweepIdempotencyKeys, type WebCore } from '@quarry/core/web'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, type Outcome } from './testing/call.ts'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'

/** A lease ends after ten seconds, and is taken a few later. */
const TAKEN = { timeout: 30_000, interval: 100 }

let database: TestDatabase
let model: SlowModel
let folder: string
let tenant: TestTenant
let input: { text: string; idempotencyKey: string }
const cores: WebCore[] = []

const startProcess = (): WebCore => {
  const core = createWebCore(slowModelEnvironment(database, folder, model))
  cores.push(core)
  return core
}
const send = (core: WebCore, asked: object = input, actor: Actor = tenant.member): Promise<Outcome> =>
  call(core, actor, 'chat.send', asked)
const replyOf = (outcome: Outcome): SendOutput => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return sendOutput.parse(outcome.output)
}
/** Messages, runs, conversations and answers that were counted, of all organisations. */
const stored = async () => {
  const [row] = await database.owner<Record<'messages' | 'runs' | 'conversations' | 'counted', number>[]>`
    select (select count(*)::int from message) as messages, (select count(*)::int from run) as runs,
      (select count(*)::int from conversation) as conversations,
      (select count(*)::int from usage_event where kind = 'answer') as counted`
  return row
}
const ONCE = { messages: 2, runs: 1, conversations: 1 }
const finished = async () => {
  model.finish()
  const running = () => database.owner`select 1 from run where state = 'running'`
  await vi.waitFor(async () => expect(await running()).toHaveLength(0), TAKEN)
}
const age = (hours: number) =>
  database.owner`update idempotency_key set created_at = now() - ${hours} * interval '1 hour'`

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-idempotency-'))
  database = await createTestDatabase()
  model = await startSlowModel()
  tenant = await createTenant(database)
  input = { text: 'What is the word?', idempotencyKey: randomUUID() }
})
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()))
  await model.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

describe('check 30: the same question with the same key is asked once', () => {
  it('fifty at the same time, at two processes, are one message, one call of the model, one charge, and equal replies', async () => {
    const replicas = [startProcess(), startProcess()] as const
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => send(replicas[i % 2 === 0 ? 0 : 1])))
    const replies = new Set(outcomes.map((outcome) => JSON.stringify(replyOf(outcome))))
    expect(replies.size).toBe(1)
    expect(await stored()).toMatchObject(ONCE)
    await finished()
    expect([model.requests(), (await stored())?.counted]).toEqual([1, 1])
  })

  it('with another text it is refused, and changes nothing', async () => {
    const core = startProcess()
    await send(core)
    expect(await send(core, { ...input, text: 'Another question' })).toMatchObject({
      ...{ ok: false, status: 422 },
      body: { code: 'idempotency_mismatch' },
    })
    expect(await stored()).toMatchObject(ONCE)
  })

  it('a process that dies between storing the question and its reply: asking again gives the reply, and the answer comes', async () => {
    const reply = replyOf(await send(startProcess()))
    await database.owner`update run set lease_holder = 'a dead process', heartbeat_at = now() - interval '1 hour'`
    const next = startProcess()
    await next.start()
    expect(replyOf(await send(next))).toEqual(reply)
    const written = () => database.owner`select 1 from run_part where attempt = 2 and body ->> 'type' = 'text'`
    await vi.waitFor(async () => expect((await written()).length).toBeGreaterThan(0), TAKEN)
    await finished()
    expect(await database.owner`select state from message where id = ${reply.messageId}`).toEqual([
      { state: 'complete' },
    ])
    expect(await stored()).toEqual({ ...ONCE, counted: 1 })
  })

  it('is remembered for more than a day', async () => {
    const core = startProcess()
    const reply = replyOf(await send(core))
    await age(25)
    expect(await sweepIdempotencyKeys(core.deps)).toBe(0)
    expect(replyOf(await send(core))).toEqual(reply)
    await age(24 * 7)
    expect(await sweepIdempotencyKeys(core.deps), 'and not for ever').toBe(1)
  })

  it("control: the same key of somebody else, in the organisation or in another, is that one's own", async () => {
    const core = startProcess()
    const other = await createTenant(database)
    const replies = [await send(core), await send(core, input, tenant.admin), await send(core, input, other.member)]
    expect(new Set(replies.map((outcome) => replyOf(outcome).runId)).size).toBe(3)
    expect(await stored()).toMatchObject({ messages: 6, runs: 3 })
  })

  it('control: another key asks again', async () => {
    const core = startProcess()
    await send(core)
    await send(core, { ...input, idempotencyKey: randomUUID() })
    expect(await stored()).toMatchObject({ messages: 4, runs: 2 })
  })

  it('mutation: a key that is forgotten at once has the question asked a second time', async () => {
    const core = startProcess()
    const reply = replyOf(await send(core))
    await database.owner`delete from idempotency_key`
    expect(replyOf(await send(core))).not.toEqual(reply)
    expect(await stored()).not.toMatchObject(ONCE)
  })
})

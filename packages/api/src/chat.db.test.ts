import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CONVERSATION_UNDO_MS,
  getConversationOutput,
  sendOutput,
  type Actor,
  type RunEvent,
  type SendOutput,
} from '@quarry/contracts'
import {
  createWebCore,
  sendMessage,
  stopRun,
  streamRun,
  sweepDeletedConversations,
  type VerbContext,
  type WebCore,
} from '@quarry/core/web'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { call, type Outcome } from './testing/call.ts'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'

let database: TestDatabase
let model: SlowModel
let folder: string
let tenant: TestTenant
const cores: WebCore[] = []

const startProcess = (): WebCore => {
  const core = createWebCore(slowModelEnvironment(database, folder, model))
  cores.push(core)
  return core
}
const contextOf = (core: WebCore, actor: Actor = tenant.member): VerbContext => ({
  deps: core.deps,
  actor,
  requestId: randomUUID(),
})
const ask = (core: WebCore, text = 'What is the word?'): Promise<SendOutput> =>
  sendMessage(contextOf(core), { text, idempotencyKey: randomUUID() })
const send = (core: WebCore, input: object): Promise<Outcome> => call(core, tenant.member, 'chat.send', input)
const outputOf = (outcome: Outcome): SendOutput => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return sendOutput.parse(outcome.output)
}
const countOf = async (table: string): Promise<number> => {
  const [row] = await database.owner.unsafe<{ n: string }[]>(`select count(*) as n from ${table} where org_id = $1`, [
    tenant.orgId,
  ])
  return Number(row?.n)
}
const answerOf = async (core: WebCore, { conversationId, messageId }: SendOutput) => {
  const outcome = await call(core, tenant.member, 'conversations.get', { id: conversationId })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  const message = getConversationOutput.parse(outcome.output).messages.find(({ id }) => id === messageId)
  if (!message) throw new Error('the answer is not in its conversation')
  return message
}
/** Events after `lastEventId`, until one that `enough` says is the last wanted. */
const read = async (
  core: WebCore,
  { runId }: SendOutput,
  enough: (event: RunEvent) => boolean,
  lastEventId: string | null = null,
): Promise<RunEvent[]> => {
  const events: RunEvent[] = []
  const controller = new AbortController()
  for await (const event of streamRun(contextOf(core), { runId, lastEventId }, controller.signal)) {
    events.push(event)
    if (enough(event)) break
  }
  controller.abort()
  return events
}
/** The same, begun: settles when the first event is there. */
const beginReading = async (core: WebCore, reply: SendOutput, enough: (event: RunEvent) => boolean) => {
  const opened = Promise.withResolvers<void>()
  const events = read(core, reply, (event) => {
    opened.resolve()
    return enough(event)
  })
  await opened.promise
  return { events }
}
const isEnd = (event: RunEvent) => event.type === 'end'
const isText = (event: RunEvent) => event.type === 'text'
const textOf = (events: readonly RunEvent[]) => events.map((e) => (e.type === 'text' ? e.delta : '')).join('')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-chat-'))
  database = await createTestDatabase()
  model = await startSlowModel()
  tenant = await createTenant(database)
})
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()))
  await model.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

it('streams an answer and stores the same text', async () => {
  const core = startProcess()
  const reply = await ask(core, `  A   question\nthat is ${'very '.repeat(30)}long`)
  await read(core, reply, isText)
  model.finish()
  const events = await read(core, reply, isEnd)
  expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1))
  const answer = await answerOf(core, reply)
  expect(answer).toMatchObject({ state: 'complete', model: 'slow', runId: reply.runId })
  expect(textOf(events).trim()).toBe(answer.text)
  const cut = Math.floor(events.length / 2)
  expect(await read(core, reply, isEnd, String(cut))).toEqual(events.slice(cut))
})

it('a stop takes effect within two seconds, in this process and from another one, and keeps what was written', async () => {
  const [here, elsewhere] = [startProcess(), startProcess()]
  for (const stopper of [here, elsewhere]) {
    const reply = await ask(here)
    await read(here, reply, isText)
    const startedAt = performance.now()
    await stopRun(contextOf(stopper), { runId: reply.runId })
    const events = await read(here, reply, isEnd)
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(events.at(-1)).toMatchObject({ type: 'end', state: 'stopped' })
    const answer = await answerOf(here, reply)
    expect(answer.state).toBe('stopped')
    expect(answer.text).toContain('word 1')
  }
})

it('more answers at a time than one may have are refused, and one that ended makes room', async () => {
  const core = startProcess()
  const replies = await Promise.all(
    Array.from({ length: core.deps.limits.run.maxPerUser + 3 }, () =>
      send(core, { text: 'What is the word?', idempotencyKey: randomUUID() }),
    ),
  )
  expect(replies.filter((r) => r.ok)).toHaveLength(core.deps.limits.run.maxPerUser)
  expect(replies.filter((r) => !r.ok)).toEqual(
    Array.from({ length: 3 }, () =>
      expect.objectContaining({
        status: 429,
        body: expect.objectContaining({ details: { limit: 'runs-per-user', retryAfterSeconds: expect.any(Number) } }),
      }),
    ),
  )
  const running = outputOf(replies.find((r) => r.ok) ?? { ok: false, status: 0, body: {} })
  await stopRun(contextOf(core), { runId: running.runId })
  await read(core, running, isEnd)
  expect(await send(core, { text: 'Now?', idempotencyKey: randomUUID() })).toMatchObject({ ok: true })
})

it('one question of a conversation is answered at a time', async () => {
  const core = startProcess()
  const { conversationId } = await ask(core)
  const next = { conversationId, text: 'And then?', idempotencyKey: randomUUID() }
  expect(await send(core, next)).toMatchObject({ ok: false, status: 409 })
})

it('a conversation that is deleted while it is answered ends, shows nothing more, and in the end leaves nothing', async () => {
  const core = startProcess()
  const reply = await ask(core)
  const reading = await beginReading(core, reply, isEnd)
  expect(await call(core, tenant.member, 'conversations.delete', { id: reply.conversationId })).toMatchObject({
    ok: true,
  })
  expect((await reading.events).at(-1)).toMatchObject({ type: 'end', state: 'stopped' })
  for (const [path, input] of [
    ['conversations.get', { id: reply.conversationId }],
    ['chat.stream', { runId: reply.runId }],
    ['chat.stop', { runId: reply.runId }],
    ['chat.send', { conversationId: reply.conversationId, text: 'And?', idempotencyKey: randomUUID() }],
    ['feedback.set', { messageId: reply.messageId, feedback: null }],
  ] as const)
    expect(await call(core, tenant.member, path, input), path).toMatchObject({ ok: false, status: 404 })

  await sweepDeletedConversations(core.deps, new Date(Date.now() + CONVERSATION_UNDO_MS + 60_000))
  for (const table of ['conversation', 'message', 'run', 'run_part']) expect(await countOf(table)).toBe(0)
})

it('an id that the run never had begins it again, and never hangs or breaks a reader', async () => {
  const core = startProcess()
  const reply = await ask(core)
  await read(core, reply, isText)
  const absurd = [String(10 ** 9 + 3), '9'.repeat(15)]
  for (const id of absurd) expect((await read(core, reply, isText, id))[0]?.id).toBe(1)
  model.finish()
  await read(core, reply, isEnd)
  const answer = await answerOf(core, reply)
  for (const id of [...absurd.slice(1), '999999']) {
    const events = await read(core, reply, isEnd, id)
    expect([events[0]?.type, textOf(events)]).toEqual(['reset', answer.text])
  }
  const whole = await read(core, reply, isEnd, '999999')
  expect(await read(core, reply, isEnd, String(whole.at(-1)?.id))).toEqual([])
  for (const id of ['-1', '1.5', '1e3', 'NaN', '0x1', '9'.repeat(16), ''])
    expect(await call(core, tenant.member, 'chat.stream', { runId: reply.runId, lastEventId: id })).toMatchObject({
      status: 400,
    })
})

it('what a model says that no row can hold is left out, and the rest is kept', async () => {
  const core = startProcess()
  model.say('w\u0000rd\ud83d')
  const reply = await ask(core)
  await vi.waitFor(async () => expect(await countOf('run_part')).toBeGreaterThan(2), { timeout: 10_000 })
  model.finish()
  await read(core, reply, isEnd)
  expect(await answerOf(core, reply)).toMatchObject({ state: 'complete', text: expect.stringMatching(/^wrd\ufffd 1 /) })
})

it('an end that cannot be stored is told to readers, and is an interruption', async () => {
  const core = startProcess()
  const reply = await ask(core)
  const reading = await beginReading(core, reply, isEnd)
  await database.owner.unsafe('revoke update on message from app_user')
  model.finish()
  expect((await reading.events).at(-1)).toMatchObject({ type: 'end', state: 'interrupted' })
})

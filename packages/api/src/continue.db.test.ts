import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getConversationOutput, sendOutput, type Actor, type RunEvent, type SendOutput } from '@quarry/contracts'
import { createWebCore, stopRun, streamRun, type VerbContext, type WebCore } from '@quarry/core/web'
import {
  createCollection,
  createDocument,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { call, type Outcome } from './testing/call.ts'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'

let database: TestDatabase
let model: SlowModel
let folder: string
let tenant: TestTenant
let core: WebCore

const outputOf = (outcome: Outcome): SendOutput => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return sendOutput.parse(outcome.output)
}
const send = async (input: object = {}): Promise<SendOutput> =>
  outputOf(
    await call(core, tenant.member, 'chat.send', { text: 'What is it?', idempotencyKey: randomUUID(), ...input }),
  )
const goOn = (messageId: string, idempotencyKey: string = randomUUID(), actor: Actor = tenant.member) =>
  call(core, actor, 'chat.continue', { messageId, idempotencyKey })
const contextOf = (): VerbContext => ({ deps: core.deps, actor: tenant.member, requestId: randomUUID() })
const read = async ({ runId }: SendOutput, enough: (event: RunEvent) => boolean): Promise<RunEvent[]> => {
  const events: RunEvent[] = []
  const controller = new AbortController()
  for await (const event of streamRun(contextOf(), { runId }, controller.signal)) {
    events.push(event)
    if (enough(event)) break
  }
  controller.abort()
  return events
}
const isEnd = (event: RunEvent) => event.type === 'end'
const isText = (event: RunEvent) => event.type === 'text'
const stopped = async (): Promise<SendOutput> => {
  const reply = await send()
  await read(reply, isText)
  await stopRun(contextOf(), { runId: reply.runId })
  await read(reply, isEnd)
  return reply
}
const answerOf = async ({ conversationId, messageId }: SendOutput) => {
  const outcome = await call(core, tenant.member, 'conversations.get', { id: conversationId })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return getConversationOutput.parse(outcome.output).messages.find(({ id }) => id === messageId)
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-continue-'))
  database = await createTestDatabase()
  model = await startSlowModel()
  tenant = await createTenant(database)
  await createDocument(tenant, await createCollection(tenant), { pages: ['The word of the quarry is granite.'] })
  core = createWebCore(slowModelEnvironment(database, folder, model))
})
afterEach(async () => {
  await core.close()
  await model.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

it('goes on in the same message from the steps that are done, and what each run used is counted with it', async () => {
  model.search('word of the quarry')
  const first = await stopped()
  expect(model.requests()).toBe(2)
  const second = outputOf(await goOn(first.messageId))
  expect(second).toEqual({ ...first, runId: expect.not.stringMatching(first.runId) })
  expect(await answerOf(first)).toMatchObject({ state: 'streaming', runId: second.runId, failure: null })
  await read(second, isText)
  model.finish()
  const events = await read(second, isEnd)
  expect(events[0]).toMatchObject({ type: 'reset', steps: [{ tool: 'search_documents' }] })
  expect(events.filter(({ type }) => type === 'tool')).toEqual([])
  const answer = await answerOf(first)
  expect(answer).toMatchObject({ state: 'complete', runId: second.runId, steps: [{ tool: 'search_documents' }] })
  expect(
    events
      .map((event) => (isText(event) && event.type === 'text' ? event.delta : ''))
      .join('')
      .trim(),
  ).toBe(answer?.text)
  expect(model.requests()).toBe(3)
  const counted = await database.owner`select id from usage_event order by created_at`
  expect(counted.map(({ id }) => String(id))).toEqual([first.runId, second.runId])
})

it('the same key gives the same reply and starts nothing; for another answer, or a question, it is refused', async () => {
  const [one, other] = [await stopped(), await stopped()]
  const replies = await Promise.all(Array.from({ length: 20 }, () => goOn(one.messageId, 'the same key')))
  expect(new Set(replies.map((reply) => outputOf(reply).runId)).size).toBe(1)
  expect(model.requests()).toBe(3)
  expect(await goOn(other.messageId, 'the same key')).toMatchObject({ ok: false, status: 422 })
  const question = { text: 'What is it?', idempotencyKey: 'the same key' }
  expect(await call(core, tenant.member, 'chat.send', question)).toMatchObject({ ok: false, status: 422 })
})

it('only the last answer of a conversation, and only one that was cut off, stopped or failed in passing', async () => {
  const reply = await stopped()
  const set = (state: string, failure: object | null = null) =>
    database.owner`update message set state = ${state}, failure = ${failure === null ? null : database.owner.json({ ...failure })}
      where id = ${reply.messageId}`
  const broken = { code: 'x', message: 'x', action: 'x' }
  const refused = { ok: false, status: 409 }
  await set('complete')
  expect(await goOn(reply.messageId)).toMatchObject(refused)
  await set('failed', { ...broken, retryable: false })
  expect(await goOn(reply.messageId)).toMatchObject(refused)
  expect(await goOn(reply.userMessageId)).toMatchObject({ ok: false, status: 404 })
  expect(await goOn(reply.messageId, randomUUID(), tenant.admin)).toMatchObject({ ok: false, status: 404 })
  await set('failed', { ...broken, retryable: true })
  const again = outputOf(await goOn(reply.messageId))
  expect(await goOn(reply.messageId)).toMatchObject(refused)
  model.finish()
  await read(again, isEnd)
  await set('interrupted')
  const next = await send({ conversationId: reply.conversationId })
  await read(next, isEnd)
  expect(await goOn(reply.messageId)).toMatchObject(refused)
})

it('an answer that is continued and cut off before its first word keeps what it had, and its readers see it', async () => {
  const first = await stopped()
  await database.owner`insert into citation (org_id, id, message_id, owner_id, marker, document_id, version_id, document,
      title, ordinal, span_start, span_end, quote, quote_hash, verified)
    values (${tenant.orgId}, ${randomUUID()}, ${first.messageId}, ${tenant.member.id}, 1, ${randomUUID()}, ${randomUUID()},
      'a.md', 'a', 1, 0, 1, 'a', 'x', true)`
  const before = await answerOf(first)
  expect(before?.text).toContain('word 1')
  model.hang()
  const second = outputOf(await goOn(first.messageId))
  await read(second, ({ type }) => type === 'reset')
  await stopRun(contextOf(), { runId: second.runId })
  const events = await read(second, isEnd)
  const { text, citations } = before ?? {}
  expect(await answerOf(first)).toMatchObject({ state: 'stopped', text, citations })
  const shown = events.slice(events.findLastIndex(({ type }) => type === 'reset'))
  expect(shown.map((event) => (event.type === 'text' ? event.delta : '')).join('')).toBe(text)
  expect(shown.filter(({ type }) => type === 'citation')).toHaveLength(1)
})

it('citations of what was there before are gone when it has ended', async () => {
  const reply = await stopped()
  await database.owner`insert into citation (org_id, id, message_id, owner_id, marker, document_id, version_id, document,
      title, ordinal, span_start, span_end, quote, quote_hash, verified)
    values (${tenant.orgId}, ${randomUUID()}, ${reply.messageId}, ${tenant.member.id}, 1, ${randomUUID()}, ${randomUUID()},
      'a.md', 'a', 1, 0, 1, 'a', 'x', true)`
  const again = outputOf(await goOn(reply.messageId))
  await read(again, isText)
  model.finish()
  await read(again, isEnd)
  expect((await answerOf(reply))?.citations).toEqual([])
})

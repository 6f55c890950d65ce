import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  getConversationOutput,
  type Actor,
  type CollectionId,
  type Message,
  type RunEvent,
  type SendOutput,
} from '@quarry/contracts'
import { createWebCore, sendMessage, stopRun, streamRun, type VerbContext, type WebCore } from '@quarry/core/web'
import {
  createCollection,
  createDocument,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { call } from './testing/call.ts'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'

/** A lease ends after ten seconds, and is taken a few later. */
const TAKEN = { timeout: 30_000, interval: 100 }

let database: TestDatabase
let model: SlowModel
let folder: string
let tenant: TestTenant
let collectionId: CollectionId
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
const ask = (core: WebCore): Promise<SendOutput> =>
  sendMessage(contextOf(core), { text: 'What is the word?', idempotencyKey: randomUUID() })
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
const isEnd = (event: RunEvent) => event.type === 'end'
const isText = (event: RunEvent) => event.type === 'text'
/** What is on the screen of who read all of these. */
const shownBy = (events: readonly RunEvent[]) => {
  let text = ''
  let citations: unknown[] = []
  for (const event of events) {
    if (event.type === 'reset') {
      text = event.text ?? ''
      citations = [...(event.citations ?? [])]
    } else if (event.type === 'text') text += event.delta
    else if (event.type === 'citation') citations.push(event.citation)
  }
  return { text: text.trimEnd(), citations }
}
const inOrder = (events: readonly RunEvent[]) => events.every(({ id }, i) => id > (events[i - 1]?.id ?? 0))
const answerOf = async (core: WebCore, { conversationId, messageId }: SendOutput): Promise<Message> => {
  const outcome = await call(core, tenant.member, 'conversations.get', { id: conversationId })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  const message = getConversationOutput.parse(outcome.output).messages.find(({ id }) => id === messageId)
  if (!message) throw new Error('the answer is not in its conversation')
  return message
}
const rowOf = async ({ runId }: SendOutput) => {
  const [row] = await database.owner<{ attempt: number; state: string; holder: string | null; beats: boolean }[]>`
    select attempt, state, lease_holder as holder, heartbeat_at is not null as beats from run where id = ${runId}`
  if (!row) throw new Error('the run is gone')
  return row
}
const usageOf = ({ runId }: SendOutput) =>
  database.owner`select input_tokens, output_tokens from usage_event where id = ${runId}`
const partsOf = async ({ runId }: SendOutput): Promise<number> => {
  const [row] = await database.owner<{ n: number }[]>`select count(*)::int as n from run_part where run_id = ${runId}`
  return row?.n ?? 0
}
const recorded = (reply: SendOutput, parts: number) =>
  vi.waitFor(async () => expect(await partsOf(reply)).toBeGreaterThanOrEqual(parts), { timeout: 15_000 })
/** To everybody else its process has died, and from here on it may not write. */
const kill = (reply: SendOutput, silentSeconds = 3600) => database.owner`
  update run set lease_holder = 'a dead process', heartbeat_at = now() - ${silentSeconds} * interval '1 second'
  where id = ${reply.runId}`

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-take-over-'))
  database = await createTestDatabase()
  model = await startSlowModel()
  tenant = await createTenant(database)
  collectionId = await createCollection(tenant, { visibility: 'restricted' })
  await createDocument(tenant, collectionId, { pages: ['The word of the quarry is granite.'] })
  await database.owner`insert into collection_grant (org_id, collection_id, grantee_kind, grantee_id)
    values (${tenant.orgId}, ${collectionId}, 'user', ${tenant.member.id})`
})
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()))
  await model.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

it('an answer whose process died is gone on with from its finished steps, and every reader sees it whole', async () => {
  model.search('word of the quarry')
  const dying = startProcess()
  const reply = await ask(dying)
  const seen = await read(dying, reply, isText)
  const unaware = read(dying, reply, isEnd)
  await recorded(reply, 6)
  await kill(reply)

  const next = startProcess()
  await next.start()
  await vi.waitFor(async () => expect((await rowOf(reply)).attempt).toBe(2), TAKEN)
  await read(next, reply, isText)
  model.finish()
  const events = await read(next, reply, isEnd, String(seen.at(-1)?.id))
  const answer = await answerOf(next, reply)
  expect(answer).toMatchObject({ state: 'complete', steps: [{ tool: 'search_documents', failed: false }] })
  expect(events.at(-1)).toMatchObject({ type: 'end', state: 'complete' })
  for (const told of [[...seen, ...events], await unaware, await read(next, reply, isEnd)]) {
    expect(inOrder(told)).toBe(true)
    expect(shownBy(told)).toEqual({ text: answer.text, citations: answer.citations })
  }
  // The search, what broke, and the answer: the search is not made again, and what it used is counted once.
  expect(model.requests()).toBe(3)
  expect(await usageOf(reply)).toHaveLength(1)
  expect((await rowOf(reply)).attempt).toBe(2)
})

it('a process that ends in order gives its answers away, and the first reader who comes back has one go on', async () => {
  const core = startProcess()
  const reply = await ask(core)
  const seen = await read(core, reply, isText)
  const moving = read(core, reply, (event) => event.type === 'move' || isEnd(event))
  await core.close()
  expect(
    await database.owner`select 1 from signal where topic = 'run.free' and subject_id = ${reply.runId}`,
  ).toHaveLength(1)
  expect((await moving).at(-1)?.type).toBe('move')
  expect(await rowOf(reply)).toEqual({ attempt: 1, state: 'running', holder: null, beats: false })

  const next = startProcess()
  const first = await read(next, reply, isText, String(seen.at(-1)?.id))
  model.finish()
  const events = [...seen, ...first, ...(await read(next, reply, isEnd, String(first.at(-1)?.id)))]
  const answer = await answerOf(next, reply)
  expect(answer.state).toBe('complete')
  expect([shownBy(events).text, inOrder(events)]).toEqual([answer.text, true])
})

it('an answer is taken over by one of those who look, and what a late writer says is refused without a word', async () => {
  const late = startProcess()
  const reply = await ask(late)
  await recorded(reply, 2)
  await database.owner`update run set heartbeat_at = null where id = ${reply.runId}`
  const others = [startProcess(), startProcess(), startProcess()]
  const taken = await Promise.all(others.map((core) => core.lookForRuns()))
  expect(taken.reduce((sum, n) => sum + n, 0)).toBe(1)
  await vi.waitFor(() => expect(globalThis.quarryLiveRuns?.size).toBe(1), { timeout: 10_000 })
  const older = () => database.owner`select 1 from run_part where run_id = ${reply.runId} and attempt = 1`
  const before = (await older()).length
  await recorded(reply, before + 2)
  model.finish()
  await vi.waitFor(async () => expect((await rowOf(reply)).state).toBe('complete'), TAKEN)
  expect(await older()).toHaveLength(before)
  expect(await usageOf(reply)).toHaveLength(1)
})

it('a holder that was silent as long as the database was away keeps its answer', async () => {
  const holder = startProcess()
  const reply = await ask(holder)
  await read(holder, reply, isText)
  const other = startProcess()
  await database.owner`update run set heartbeat_at = now() - interval '1 hour' where id = ${reply.runId}`
  // The first to look after an outage, before the holder has said that it lives.
  expect(await other.lookForRuns()).toBe(0)
  await vi.waitFor(
    async () => {
      const fresh = database.owner`select 1 from run where heartbeat_at > now() - interval '5 seconds'`
      expect(await fresh).toHaveLength(1)
    },
    { timeout: 10_000 },
  )
  expect(await other.lookForRuns()).toBe(0)
  expect((await rowOf(reply)).attempt).toBe(1)
})

it.each([
  ['three attempts have failed', (id: string) => database.owner`update run set attempt = 3 where id = ${id}`],
  [
    'it was asked a quarter of an hour ago',
    (id: string) => database.owner`update run set created_at = now() - interval '16 minutes' where id = ${id}`,
  ],
  [
    'who asked does not belong here any more',
    () => database.owner`delete from auth.member where user_id = ${tenant.member.id}`,
  ],
])('an answer ends as interrupted, with what there was, when %s', async (_why, make) => {
  const dying = startProcess()
  const reply = await ask(dying)
  await recorded(reply, 2)
  await make(reply.runId)
  await kill(reply)
  const next = startProcess()
  await next.lookForRuns()
  await vi.waitFor(() => next.lookForRuns().then((taken) => expect(taken).toBe(1)), TAKEN)
  const [message] = await database.owner`select state, text from message where id = ${reply.messageId}`
  expect(message).toMatchObject({ state: 'interrupted', text: expect.stringContaining('word 1') })
  expect(model.requests()).toBe(1)
  expect(await usageOf(reply)).toHaveLength(1)
})

it('an answer begins with the question again where who asked may not see by now what it drew on', async () => {
  model.search('word of the quarry')
  const dying = startProcess()
  const reply = await ask(dying)
  await read(dying, reply, isText)
  await recorded(reply, 6)
  await database.owner`delete from collection_grant where collection_id = ${collectionId}`
  await database.owner`update run set heartbeat_at = null, stop_requested_at = null where id = ${reply.runId}`
  const next = startProcess()
  expect(await next.lookForRuns()).toBe(1)
  await read(next, reply, isText)
  model.finish()
  const events = await read(next, reply, isEnd)
  expect(events[0]).toMatchObject({ type: 'reset' })
  expect(JSON.stringify(events)).not.toContain('granite')
  expect((await answerOf(next, reply)).steps).toMatchObject([{ outcome: 'nothing found' }])
  expect(model.requests()).toBe(4)
})

it('a stop between two holders takes effect within two seconds, and keeps what was recorded', async () => {
  const stopper = startProcess()
  for (const silentSeconds of [null, 0]) {
    const dying = startProcess()
    const reply = await ask(dying)
    await recorded(reply, 2)
    if (silentSeconds === null)
      await database.owner`update run set heartbeat_at = null, lease_holder = null where id = ${reply.runId}`
    else await kill(reply, silentSeconds)
    const startedAt = performance.now()
    await stopRun(contextOf(stopper), { runId: reply.runId })
    await vi.waitFor(async () => expect((await rowOf(reply)).state).toBe('stopped'), { timeout: 5000, interval: 20 })
    expect(performance.now() - startedAt).toBeLessThan(2500)
    expect(await answerOf(stopper, reply)).toMatchObject({ state: 'stopped', text: expect.stringContaining('word 1') })
  }
})

it('a process takes up what it has stored and forgotten itself, but not what it is about to begin', async () => {
  const core = startProcess()
  const reply = await ask(core)
  globalThis.quarryLiveRuns?.clear()
  expect(await core.lookForRuns()).toBe(0)
  await database.owner`update run set heartbeat_at = now() - interval '11 seconds' where id = ${reply.runId}`
  expect(await core.lookForRuns()).toBe(1)
  expect((await rowOf(reply)).attempt).toBe(2)
})

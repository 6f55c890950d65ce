import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CONVERSATION_UNDO_MS,
  conversationItem,
  getConversationOutput,
  pageOf,
  type ConversationItem,
} from '@quarry/contracts'
import { createWebCore, sweepDeletedConversations, type WebCore } from '@quarry/core/web'
import { newId } from '@quarry/db'
import {
  createCollection,
  createConversation,
  createDocument,
  createTestDatabase,
  type TestDatabase,
} from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { call } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { callerOf, createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let core: WebCore
let folder: string
let world: World

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-conversations-'))
  database = await createTestDatabase()
  core = createWebCore(testEnvironment(database, folder))
})
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  world = await createWorld(core, database)
  // One is enough here.
  await database.owner.unsafe('delete from conversation where id = $1', [world.stopped.conversationId])
})

const asMember = (path: string, input: object) => call(core, world.tenant.member, path, input)
const outputOf = async (path: string, input: object): Promise<unknown> => {
  const outcome = await asMember(path, input)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return outcome.output
}
const list = async (input: object = {}) => pageOf(conversationItem).parse(await outputOf('conversations.list', input))
const get = async (input: object = {}) =>
  getConversationOutput.parse(await outputOf('conversations.get', { id: world.conversation.conversationId, ...input }))
const titles = (items: readonly ConversationItem[]) => items.map(({ title }) => title)

/** Conversations of the member, the last one newest: each has a title, a question and an answer. */
const seed = async (rows: readonly { title: string; question?: string; answer?: string }[]) => {
  const { tenant } = world
  const ids = []
  for (const [i, { title, question = 'Why?', answer = 'So.' }] of rows.entries()) {
    const id = newId()
    ids.push(id)
    await database.owner.unsafe(
      `with c as (insert into conversation (org_id, id, owner_id, title, updated_at)
         values ($1, $2, $3, $4, now() + $5::int * interval '1 second') returning id)
       insert into message (org_id, id, conversation_id, owner_id, role, state, text, created_at)
       select $1::uuid, gen_random_uuid(), $2::uuid, $3::uuid, m.role, 'complete', m.text, now() + m.at * interval '1 ms'
       from (values ('user', $6, 0), ('assistant', $7, 1)) as m(role, text, at)`,
      [tenant.orgId, id, tenant.member.id, title, i + 1, question, answer],
    )
  }
  return ids
}

describe('rename', () => {
  it('changes the title and not the place in the list', async () => {
    const [older] = await seed([{ title: 'older' }, { title: 'newer' }])
    expect(await outputOf('conversations.rename', { id: older, title: '  Renamed  ' })).toMatchObject({
      title: 'Renamed',
    })
    expect(titles((await list()).items)).toEqual(['newer', 'Renamed', 'A question'])
    for (const title of ['', '   ', 'x'.repeat(201)])
      expect(await asMember('conversations.rename', { id: older, title })).toMatchObject({ status: 400 })
  })
})

describe('delete and restore', () => {
  it('hides at once and brings all of it back, as often as it is asked for', async () => {
    const { conversationId: id, runId } = world.conversation
    const before = await get()
    await outputOf('conversations.delete', { id })
    expect((await list()).items).toEqual([])
    for (const [path, input] of [
      ['conversations.get', { id }],
      ['conversations.rename', { id, title: 'Again' }],
      ['conversations.delete', { id }],
      ['chat.stream', { runId }],
      ['feedback.set', { messageId: world.conversation.answerId, feedback: null }],
    ] as const)
      expect(await asMember(path, input), path).toMatchObject({ status: 404 })
    // Nobody else brings it back.
    expect(await call(core, world.tenant.owner, 'conversations.restore', { id })).toMatchObject({ status: 404 })
    for (const _ of [1, 2]) expect(await outputOf('conversations.restore', { id })).toEqual(before.conversation)
    expect(await get()).toEqual(before)
  })

  it('is final once it can no longer be undone, also before the sweep has come', async () => {
    const { conversationId: id } = world.conversation
    await outputOf('conversations.delete', { id })
    expect(await sweepDeletedConversations(core.deps)).toBe(0)
    await database.owner.unsafe(`update conversation set deleted_at = now() - $1 * interval '1 ms' where id = $2`, [
      CONVERSATION_UNDO_MS,
      id,
    ])
    expect(await asMember('conversations.restore', { id })).toMatchObject({ status: 404 })
    const [{ n: living } = { n: '0' }] = await database.owner.unsafe<{ n: string }[]>(
      'select count(*) as n from conversation where deleted_at is null',
    )
    expect(await sweepDeletedConversations(core.deps)).toBe(1)
    for (const table of ['message', 'citation', 'run', 'run_part', 'feedback'])
      expect(
        await database.owner.unsafe(`select 1 from ${table} where org_id = $1`, [world.tenant.orgId]),
        table,
      ).toEqual([])
    const rows = await database.owner.unsafe<{ n: string }[]>('select count(*) as n from conversation')
    expect(rows[0]?.n).toBe(living)
  })

  it('removes more than one transaction takes', async () => {
    await seed(Array.from({ length: 45 }, (_, i) => ({ title: `doomed ${i}` })))
    await database.owner.unsafe(`update conversation set deleted_at = now() - interval '1 day' where org_id = $1`, [
      world.tenant.orgId,
    ])
    expect(await sweepDeletedConversations(core.deps)).toBe(46)
  })
})

describe('list', () => {
  it('finds words of the title and of messages, whatever their case, and shows where', async () => {
    await seed([
      { title: 'Parental leave', answer: 'Twenty weeks.' },
      { title: 'Notes', question: 'How long is PARENTAL leave for adoptive parents?' },
      { title: 'Travel', answer: 'Taxis are **paid** after ten.[^1]\n\n- With a `receipt`' },
    ])
    const found = await list({ query: 'parental LEAVE' })
    expect(found.items.map(({ title, match }) => [title, match])).toEqual([
      ['Notes', 'How long is PARENTAL leave for adoptive parents?'],
      ['Parental leave', null],
    ])
    // Words of the title and of a message together; without marks of Markdown.
    const [travel] = (await list({ query: 'receipt travel' })).items
    expect(travel).toMatchObject({ title: 'Travel', match: '…paid after ten. With a receipt' })
    expect((await list({ query: 'parental taxis' })).items).toEqual([])
    expect((await list({ query: '   ' })).items).toHaveLength(4)
  })

  it('takes signs for what they are', async () => {
    await seed([{ title: '100 % wool' }, { title: 'under_score' }, { title: 'back\\slash' }, { title: '会議の議事録' }])
    for (const [query, expected] of [
      ['%', ['100 % wool']],
      ['_', ['under_score']],
      ['\\', ['back\\slash']],
      ['議事', ['会議の議事録']],
      ['(', []],
    ] as const)
      expect(titles((await list({ query })).items), query).toEqual(expected)
  })

  it('pages through what is found, each once, in order', async () => {
    await seed(Array.from({ length: 23 }, (_, i) => ({ title: i % 2 === 0 ? `even ${i}` : `odd ${i}` })))
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await list({ query: 'even', limit: 5, cursor })
      seen.push(...titles(page.items))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => `even ${22 - 2 * i}`))
  })

  it('of a collection: what was asked in it, and what cites it', async () => {
    const { tenant } = world
    const other = await createCollection(tenant, { name: `other ${newId()}` })
    const document = await createDocument(tenant, other, { path: 'other.md', pages: ['The canary sings.'] })
    const citing = await createConversation(tenant, callerOf(tenant.member), document)
    const asking = await createConversation(tenant, callerOf(tenant.member), world.document)
    await database.owner.unsafe(`update run set scope = $1 where id = $2`, [
      database.owner.json({ collectionIds: [other], documentIds: null }),
      asking.runId,
    ])
    const ids = async (collectionId: string) =>
      (await list({ collectionId })).items.map(({ id }) => id as string).toSorted()
    expect(await ids(other)).toEqual([citing.conversationId, asking.conversationId].toSorted())
    expect(await ids(world.collectionId)).toEqual([world.conversation.conversationId, asking.conversationId].toSorted())
    expect((await list({ collectionId: other, query: 'nothing of it' })).items).toEqual([])
  })
})

describe('get', () => {
  it('gives the newest messages and, page by page, those before them', async () => {
    const { tenant, conversation } = world
    await database.owner.unsafe(
      `insert into message (org_id, id, conversation_id, owner_id, role, state, text, created_at)
       select $1::uuid, gen_random_uuid(), $2::uuid, $3::uuid, 'user', 'complete', 'm' || n, now() + n * interval '1 second'
       from generate_series(1, 120) n`,
      [tenant.orgId, conversation.conversationId, tenant.member.id],
    )
    const newest = await get()
    expect(newest.messages.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, i) => `m${i + 21}`))
    const before = await get({ cursor: newest.nextCursor, limit: 10 })
    expect(before.messages.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, i) => `m${i + 11}`))
    const first = await get({ cursor: before.nextCursor })
    expect(first.messages.map(({ text }) => text).slice(2)).toEqual(Array.from({ length: 10 }, (_, i) => `m${i + 1}`))
    expect(first.messages[1]).toMatchObject({ role: 'assistant', citations: [{ marker: 1 }] })
    expect(first.nextCursor).toBeNull()
    expect(await asMember('conversations.get', { id: conversation.conversationId, limit: 201 })).toMatchObject({
      status: 400,
    })
  })

  it('tells the steps of an answer, those of the last beginning', async () => {
    const { tenant, conversation } = world
    const tool = (callId: string, phase: string, summary: string) => ({
      type: 'tool',
      callId,
      tool: 'search_documents',
      phase,
      summary,
    })
    const bodies = [
      tool('a', 'call', 'given up'),
      { type: 'reset' },
      tool('b', 'call', 'canary'),
      tool('b', 'result', '2 passages'),
      tool('c', 'call', 'wren'),
      tool('c', 'error', 'It broke'),
    ]
    for (const [i, body] of bodies.entries())
      await database.owner.unsafe(
        `insert into run_part (org_id, run_id, ordinal, owner_id, attempt, last_event_id, body)
         values ($1, $2, $3, $4, 1, $3, $5)`,
        [tenant.orgId, conversation.runId, i + 10, tenant.member.id, database.owner.json(body)],
      )
    const [question, answer] = (await get()).messages
    expect(question?.steps).toEqual([])
    expect(answer?.steps).toEqual([
      { callId: 'b', tool: 'search_documents', summary: 'canary', outcome: '2 passages', failed: false },
      { callId: 'c', tool: 'search_documents', summary: 'wren', outcome: 'It broke', failed: true },
    ])
  })
})

describe('feedback', () => {
  const set = (feedback: object | null, messageId: string = world.conversation.answerId) =>
    asMember('feedback.set', { messageId, feedback })
  const kept = async () => (await get()).messages[1]?.feedback

  it('replaces what was thought before, and null takes it back', async () => {
    expect(await kept()).toEqual({ rating: 'up', reason: null, comment: null })
    const down = { rating: 'down', reason: 'wrong_source', comment: 'It is about wrens.' }
    for (const _ of [1, 2]) {
      await set(down)
      expect(await kept()).toEqual(down)
    }
    await set({ rating: 'down', reason: null, comment: '  ' })
    expect(await kept()).toEqual({ rating: 'down', reason: null, comment: null })
    for (const _ of [1, 2]) {
      expect(await set(null)).toMatchObject({ ok: true })
      expect(await kept()).toBeNull()
    }
  })

  it('wants a comment where no other reason fits, a reason only for a down, and a complete answer', async () => {
    expect(await set({ rating: 'down', reason: 'other', comment: ' ' })).toMatchObject({ status: 400 })
    expect(await set({ rating: 'up', reason: 'wrong', comment: null })).toMatchObject({ status: 400 })
    expect(await set({ rating: 'up', reason: null, comment: null }, world.conversation.questionId)).toMatchObject({
      status: 404,
    })
    await database.owner.unsafe(`update message set state = 'streaming' where id = $1`, [world.conversation.answerId])
    expect(await set({ rating: 'up', reason: null, comment: null })).toMatchObject({ status: 409 })
  })
})

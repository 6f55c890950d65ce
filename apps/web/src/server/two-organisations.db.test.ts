import { randomUUID } from 'node:crypto'
import { collectionId, me, sendOutput, type Actor } from '@quarry/contracts'
import { createDocument } from '@quarry/db/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { openReader, refusalIn } from './testing/open-reader.ts'
import { ask, change, newMember, request, type Credential } from './testing/people.ts'
import { signUp } from './testing/sign-up.ts'
import { startWebProcess, type WebProcess } from './testing/web-process.ts'

/** Words that stand nowhere else: whoever gets one of them was told of the closed collection. */
const SECRETS = ['orchid', 'closed-plans.md', 'Board papers']
/** Of the other organisation. */
const THEIRS = ['heron', 'their-notes.md', 'Marshland']

let web: WebProcess
let ada: Credential & { readonly email: string }
let ben: Credential & { readonly email: string }
let cleo: Credential & { readonly email: string }

beforeAll(async () => {
  web = await startWebProcess()
  ada = await signUp('Fernhollow')
  ben = await newMember(ada)
  cleo = await signUp('Marshland')
})
afterAll(() => web.close())

const withId = z.looseObject({ id: z.string() })
const anything = z.unknown()

/** A searchable document, as the worker would leave it. */
const addDocument = async (as: Credential, collection: string, path: string, text: string) => {
  const { organisation } = await ask(me, 'session.me', as)
  const orgId = organisation.id
  const tenant = {
    orgId,
    system: { kind: 'system', id: null, orgId, role: 'owner' },
    as: (actor: Actor) => web.core.deps.database.tenant(actor),
  } as const
  return createDocument(tenant, collectionId.parse(collection), { path, pages: [text] })
}
const newCollection = async (as: Credential, name: string) =>
  (await change(withId, 'collections.create', as, { name, visibility: 'restricted' })).id
/** Asks a question and reads the answer to its end: all that the person gets to see of it. */
const answerTo = async (as: Credential, text: string): Promise<string> => {
  const { runId, conversationId } = await change(sendOutput, 'chat.send', as, { text, idempotencyKey: randomUUID() })
  const reader = await openReader('chat.stream', { runId }, as)
  await reader.ended
  return reader.text() + (await (await request('GET', 'conversations.get', { id: conversationId }, as)).text())
}
/** Everything that a person can be told without knowing an id. */
const everythingFor = async (as: Credential): Promise<string> => {
  const reads: [string, object | undefined][] = [
    ['session.me', undefined],
    ['collections.list', undefined],
    ['documents.list', {}],
    ['search.query', { query: 'orchid' }],
    ['search.query', { query: 'heron' }],
    ['search.query', { query: 'plans notes loud' }],
    ['conversations.list', {}],
    ['members.list', undefined],
    ['invitations.list', undefined],
    ['audit.list', {}],
    ['keys.list', undefined],
  ]
  const texts = await Promise.all(reads.map(async ([path, input]) => (await request('GET', path, input, as)).text()))
  return texts.join('\n') + (await answerTo(as, 'Where is the orchid?')) + (await answerTo(as, 'Where is the heron?'))
}
/** Questions repeat what is looked for. */
const withoutQuestions = (text: string) => text.replaceAll(/Where is the \w+( now)?\?|"query":"\w+"/g, '')
const leaks = (text: string, words: readonly string[]) => words.filter((word) => withoutQuestions(text).includes(word))

it('two people in one organisation and one in another: each sees what they may, from upload to removal', async () => {
  const closed = await newCollection(ada, 'Board papers')
  const document = await addDocument(ada, closed, 'closed-plans.md', 'The orchid is loud in these plans.')
  const theirs = await newCollection(cleo, 'Marshland notes')
  await addDocument(cleo, theirs, 'their-notes.md', 'The heron is loud in these notes.')
  const { id: benId } = await ask(me, 'session.me', ben)
  const grant = { collectionId: closed, grantee: { kind: 'user', id: benId } }

  // Positive controls: who may see it, does.
  expect(leaks(await everythingFor(ada), [...SECRETS, ...THEIRS])).toEqual(SECRETS)
  expect(leaks(await everythingFor(cleo), [...SECRETS, ...THEIRS])).toEqual(THEIRS)
  expect(leaks(await everythingFor(ben), [...SECRETS, ...THEIRS])).toEqual([])

  // The other organisation, with ids that it was never told.
  for (const [method, path, input] of [
    ['GET', 'collections.access', { id: closed }],
    ['GET', 'documents.get', { id: document.documentId }],
    ['GET', 'search.query', { query: 'loud', collectionIds: [closed] }],
    ['POST', 'collections.grant', grant],
    ['POST', 'collections.update', { id: closed, visibility: 'organisation' }],
    ['POST', 'chat.send', { text: 'What is loud?', idempotencyKey: randomUUID(), collectionIds: [closed] }],
  ] as const)
    expect((await request(method, path, input, cleo)).status, path).toBe(404)

  await change(anything, 'collections.grant', ada, grant)
  expect(leaks(await everythingFor(ben), [...SECRETS, ...THEIRS])).toEqual(SECRETS)
  await change(anything, 'collections.revokeGrant', ada, grant)
  const shown = await (await request('GET', 'documents.list', {}, ben)).text()
  expect(leaks(shown, SECRETS)).toEqual([])
  expect(leaks(await answerTo(ben, 'Where is the orchid now?'), SECRETS)).toEqual([])
  await change(anything, 'collections.grant', ada, grant)

  const feed = await openReader('feed.stream', {}, ben)
  const members = await ask(z.array(withId.extend({ email: z.string() })), 'members.list', ada)
  await change(anything, 'members.remove', ada, { id: members.find(({ email }) => email === ben.email)?.id })
  const removedAt = performance.now()
  await feed.ended
  expect(refusalIn(feed.text())).toMatch(/unauthenticated|unavailable/)
  await expect
    .poll(async () => (await request('GET', 'search.query', { query: 'orchid' }, ben)).status, { interval: 20 })
    .toBe(401)
  // A second, and what a busy machine makes of it: nothing but the removal would end this for minutes.
  expect(performance.now() - removedAt).toBeLessThan(4_000)
  expect(leaks(await everythingFor(cleo), SECRETS)).toEqual([])
})

import { randomUUID } from 'node:crypto'
import * as verbs from '../../packages/core/src/index.ts'
import { questionsOf } from '../search/questions.mjs'

const PAGE = { limit: 50 }
/** Organisations that take part, from the largest to the smallest. */
const ORGANISATIONS = 10
const QUESTIONS = 5

/** A verb's context. With a vector, search goes by words and meaning. */
const as = (core, actor, vector) => ({
  deps: vector === undefined ? core.deps : { ...core.deps, embedder: { vectorOf: () => Promise.resolve(vector) } },
  actor,
  requestId: randomUUID(),
})

/**
 * What people do in a busy hour, in turns: mostly reading, some searching, a little writing.
 *
 * @returns {Promise<(() => Promise<unknown>)[]>}
 */
export const mixedCalls = async (core, { organisations }, heavy) => {
  const step = Math.max(1, Math.floor(organisations.length / ORGANISATIONS))
  const chosen = organisations.filter((_, i) => i % step === 0)
  const calls = []
  for (const { orgId, people, collections } of chosen) {
    const actorOf = (wanted) => {
      const { userId, role } = people.find((one) => one.role === wanted)
      return { kind: 'user', id: userId, orgId, role }
    }
    const [owner, member] = [actorOf('owner'), actorOf('member')]
    const tenantDb = core.deps.database.tenant(owner)
    const questions = await questionsOf(tenantDb, orgId, QUESTIONS)
    const page = await verbs.listDocuments(as(core, member), PAGE)
    const talks = await verbs.listConversations(as(core, member), PAGE)
    const open = collections.find(({ restricted }) => !restricted).id
    for (const [i, { query, vector }] of questions.entries()) {
      const document = page.items[i % page.items.length]
      const talk = talks.items[i % talks.items.length]
      calls.push(
        () => verbs.describeMe(as(core, member)),
        () => verbs.listCollections(as(core, member)),
        () => verbs.listDocuments(as(core, member), PAGE),
        () => verbs.listDocuments(as(core, owner), { ...PAGE, collectionId: open }),
        () => verbs.getDocument(as(core, member), { id: document.id }),
        () => verbs.getVersion(as(core, member), { versionId: document.latest.id }),
        () => verbs.querySearch(as(core, member, vector), { query, limit: 10 }),
        () => verbs.searchFacetsOf(as(core, member)),
        () => verbs.listConversations(as(core, member), PAGE),
      )
      if (talk !== undefined)
        calls.push(
          () => verbs.getConversation(as(core, member), { id: talk.id, ...PAGE }),
          () => verbs.renameConversation(as(core, member), { id: talk.id, title: `About it ${i}` }),
        )
    }
    calls.push(
      () => verbs.listMembers(as(core, owner)),
      () => verbs.listAudit(as(core, owner), PAGE),
      () =>
        verbs.createManyDocuments(as(core, member), {
          collectionId: open,
          files: [{ path: `new ${randomUUID()}.md`, sizeBytes: 100 }],
        }),
    )
  }
  return [...calls, ...Object.values(listCalls(core, heavy))]
}

/** Each list of the largest organisation and its heavy user, by verb and filter. */
export const listCalls = (core, heavy) => {
  const { owner, member, collectionId, words } = heavy
  let next = 0
  const aConversation = () => heavy.conversationIds[next++ % heavy.conversationIds.length]
  return {
    'documents.list': () => verbs.listDocuments(as(core, member), PAGE),
    'documents.list, of a collection': () => verbs.listDocuments(as(core, member), { ...PAGE, collectionId }),
    'documents.list, failed': () => verbs.listDocuments(as(core, member), { ...PAGE, state: 'failed' }),
    'documents.list, of a type': () => verbs.listDocuments(as(core, member), { ...PAGE, mediaType: 'application/pdf' }),
    'documents.list, by name': () => verbs.listDocuments(as(core, member), { ...PAGE, query: 'nowhere' }),
    'conversations.list': () => verbs.listConversations(as(core, member), PAGE),
    'conversations.list, about a collection': () =>
      verbs.listConversations(as(core, member), { ...PAGE, collectionId }),
    'conversations.list, a word of all': () =>
      verbs.listConversations(as(core, member), { ...PAGE, query: words.frequent }),
    'conversations.list, a word of few': () =>
      verbs.listConversations(as(core, member), { ...PAGE, query: words.rare }),
    'conversations.list, a word of none': () =>
      verbs.listConversations(as(core, member), { ...PAGE, query: words.none }),
    'conversations.get': () => verbs.getConversation(as(core, member), { id: aConversation(), ...PAGE }),
    'collections.list': () => verbs.listCollections(as(core, member)),
    'search.facets': () => verbs.searchFacetsOf(as(core, member)),
    'members.list': () => verbs.listMembers(as(core, owner)),
    'keys.list': () => verbs.listKeys(as(core, owner)),
    'invitations.list': () => verbs.listInvitations(as(core, owner)),
    'collections.access': () => verbs.readCollectionAccess(as(core, owner), { id: collectionId }),
    'audit.list': () => verbs.listAudit(as(core, owner), PAGE),
    'audit.list, of an action': () => verbs.listAudit(as(core, owner), { ...PAGE, action: 'key.create' }),
  }
}

import { createHash } from 'node:crypto'
import { schema, type TenantDb } from '@quarry/db'
import { seededId, type Quotable, type Random, type SeedDocument } from '@quarry/rag/seed'
import type { SeededPerson } from './seed-people.ts'

export interface Source {
  readonly document: SeedDocument
  readonly quotable: Quotable
}

const MOST_PER_PERSON = 4
const MOST_EXCHANGES = 3
const MINUTE_MS = 60_000
const QUESTIONS = ['What do we know about it?', 'Who decides this?', 'Since when?', 'Was gilt hier?', 'And the costs?']

/** Conversations of everybody, each answer with one quotation that is really there. Returns how many messages. */
export async function seedConversations(
  tenantDb: TenantDb,
  random: Random,
  people: readonly SeededPerson[],
  sources: readonly Source[],
  at: number,
): Promise<{ conversations: number; messages: number }> {
  const { orgId } = tenantDb.actor
  const conversations: (typeof schema.conversation.$inferInsert)[] = []
  const messages: (typeof schema.message.$inferInsert)[] = []
  const citations: (typeof schema.citation.$inferInsert)[] = []
  const runs: (typeof schema.run.$inferInsert)[] = []
  for (const { userId: ownerId } of people) {
    const count = sources.length === 0 ? 0 : random.between(1, MOST_PER_PERSON)
    for (let i = 0; i < count; i++) {
      let moment = at + random.integer(90 * 24 * 60) * MINUTE_MS
      const conversationId = seededId(random, moment)
      const createdAt = new Date(moment)
      const about = random.pick(sources).document.text.title
      for (let exchange = random.between(1, MOST_EXCHANGES); exchange > 0; exchange--) {
        const { document, quotable } = random.pick(sources)
        const [asked, answered] = [new Date(moment), new Date(moment + MINUTE_MS)]
        const messageId = seededId(random, moment + MINUTE_MS)
        const own = { orgId, conversationId, ownerId, state: 'complete' } as const
        messages.push(
          { ...own, id: seededId(random, moment), role: 'user', text: random.pick(QUESTIONS), createdAt: asked },
          {
            ...own,
            id: messageId,
            role: 'assistant',
            text: `${quotable.quote} [^1]`,
            model: 'seed',
            createdAt: answered,
          },
        )
        citations.push({
          ...{ orgId, id: seededId(random, moment), messageId, ownerId, marker: 1, page: null, verified: true },
          ...{ documentId: document.documentId, versionId: document.versionId, title: document.text.title },
          ...{ document: document.text.path, ordinal: quotable.ordinal, heading: quotable.heading },
          ...{ spanStart: quotable.start, spanEnd: quotable.end, quote: quotable.quote },
          quoteHash: createHash('sha256').update(quotable.quote).digest('hex'),
        })
        runs.push({
          ...{ orgId, id: seededId(random, moment), conversationId, messageId, ownerId, state: 'complete' },
          ...{ scope: { collectionIds: null, documentIds: null }, model: 'seed', createdAt: asked, endedAt: answered },
        })
        moment += random.between(2, 30) * MINUTE_MS
      }
      conversations.push({
        ...{ orgId, id: conversationId, ownerId, title: `About ${about}`, createdAt, updatedAt: new Date(moment) },
      })
    }
  }
  if (conversations.length === 0) return { conversations: 0, messages: 0 }
  await tenantDb.tx(async (tx) => {
    await tx.insert(schema.conversation).values(conversations)
    await tx.insert(schema.message).values(messages)
    await tx.insert(schema.citation).values(citations)
    await tx.insert(schema.run).values(runs)
  })
  return { conversations: conversations.length, messages: messages.length }
}

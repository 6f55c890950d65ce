import { createHash } from 'node:crypto'
import type { Actor, ConversationId, MessageId, RunId } from '@quarry/contracts'
import { newId } from '../ids.ts'
import { citation, conversation, feedback, message, run, runPart } from '../schema/index.ts'
import type { TestDocument } from './document-factory.ts'
import type { TestTenant } from './tenant-factory.ts'

export interface TestConversation {
  readonly conversationId: ConversationId
  readonly questionId: MessageId
  readonly answerId: MessageId
  readonly runId: RunId
}

/** A finished conversation of one caller: a question, an answer that cites the start of page 1 of `source`, its run. */
export const createConversation = async (
  tenant: TestTenant,
  owner: Actor & { kind: 'user' | 'api_key' },
  source: TestDocument,
): Promise<TestConversation> => {
  const { orgId } = tenant
  const [conversationId, questionId, answerId, runId] = [newId(), newId(), newId(), newId()] as [
    ConversationId,
    MessageId,
    MessageId,
    RunId,
  ]
  const ownerId = owner.id
  const quote = 'The canary'
  await tenant.as(owner).tx(async (tx) => {
    await tx.insert(conversation).values({ orgId, id: conversationId, ownerId, title: 'A question' })
    await tx.insert(message).values([
      { orgId, id: questionId, conversationId, ownerId, role: 'user', state: 'complete', text: 'Who sings?' },
      {
        orgId,
        id: answerId,
        conversationId,
        ownerId,
        role: 'assistant',
        state: 'complete',
        text: `${quote}.[^1]`,
        model: 'test',
      },
    ])
    await tx.insert(citation).values({
      orgId,
      id: newId(),
      messageId: answerId,
      ownerId,
      marker: 1,
      documentId: source.documentId,
      versionId: source.versionId,
      document: source.path,
      title: source.path,
      ordinal: 1,
      page: null,
      spanStart: 0,
      spanEnd: quote.length,
      quote,
      quoteHash: createHash('sha256').update(quote).digest('hex'),
      verified: true,
    })
    await tx.insert(feedback).values({ orgId, messageId: answerId, ownerId, rating: 'up' })
    await tx.insert(run).values({
      orgId,
      id: runId,
      conversationId,
      messageId: answerId,
      ownerId,
      state: 'complete',
      scope: { collectionIds: null, documentIds: null },
      endedAt: new Date(),
    })
    await tx.insert(runPart).values({
      orgId,
      runId,
      ordinal: 1,
      ownerId,
      attempt: 1,
      lastEventId: 1,
      body: { type: 'text', delta: `${quote}.[^1]` },
    })
  })
  return { conversationId, questionId, answerId, runId }
}

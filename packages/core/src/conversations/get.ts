import { and, asc, eq, inArray } from 'drizzle-orm'
import { AppError, type ConversationId, type getConversationOutput } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { toCitation, toConversation, toMessage } from './conversation-row.ts'

/** A conversation with its messages, oldest first. A message that is still streaming has its text in chat.stream. */
export const getConversation = async (
  ctx: VerbContext,
  input: { id: ConversationId },
): Promise<z.infer<typeof getConversationOutput>> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { citation, conversation, feedback, message, run } = schema
  const { found, messages, citations, runs, opinions } = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [found] = await tx
      .select()
      .from(conversation)
      .where(and(eq(conversation.orgId, orgId), eq(conversation.id, input.id)))
    if (!found) throw new AppError('not_found')
    const messages = await tx
      .select()
      .from(message)
      .where(and(eq(message.orgId, orgId), eq(message.conversationId, input.id)))
      .orderBy(asc(message.createdAt), asc(message.id))
    const ids = messages.filter((m) => m.role === 'assistant').map((m) => m.id)
    if (ids.length === 0) return { found, messages, citations: [], runs: [], opinions: [] }
    const citations = await tx
      .select()
      .from(citation)
      .where(and(eq(citation.orgId, orgId), inArray(citation.messageId, ids)))
      .orderBy(asc(citation.messageId), asc(citation.marker))
    const runs = await tx
      .select({ id: run.id, messageId: run.messageId, timings: run.timings })
      .from(run)
      .where(and(eq(run.orgId, orgId), inArray(run.messageId, ids)))
    const opinions = await tx
      .select({
        messageId: feedback.messageId,
        rating: feedback.rating,
        reason: feedback.reason,
        comment: feedback.comment,
      })
      .from(feedback)
      .where(and(eq(feedback.orgId, orgId), inArray(feedback.messageId, ids)))
    return { found, messages, citations, runs, opinions }
  })
  const citationsOf = Map.groupBy(citations, (c) => c.messageId)
  const opinionOf = new Map(opinions.map(({ messageId, ...opinion }) => [messageId, opinion]))
  const runOf = new Map(runs.map((r) => [r.messageId, r]))
  return {
    conversation: toConversation(found),
    messages: messages.map((m) =>
      toMessage(m, (citationsOf.get(m.id) ?? []).map(toCitation), runOf.get(m.id), opinionOf.get(m.id)),
    ),
  }
}

import { and, asc, desc, eq, inArray } from 'drizzle-orm'
import { AppError, type getConversationInput, type getConversationOutput } from '@quarry/contracts'
import { keysetAfter, keysetMoment, pageOfRows, schema, type TenantTx } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { messageColumns, toCitation, toConversation, toMessage } from './conversation-row.ts'
import { living } from './living.ts'
import { readSteps } from './read-steps.ts'

/**
 * A conversation with its newest messages, or those before a cursor; oldest first. A message that is still streaming
 * has its text in chat.stream.
 */
export const getConversation = async (
  ctx: VerbContext,
  input: z.infer<typeof getConversationInput>,
): Promise<z.infer<typeof getConversationOutput>> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { conversation, message } = schema
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [found] = await tx
      .select()
      .from(conversation)
      .where(and(living(orgId), eq(conversation.id, input.id)))
    if (!found) throw new AppError('not_found')
    const newestFirst = await tx
      .select({ row: messageColumns, cursorAt: keysetMoment(message.createdAt) })
      .from(message)
      .where(
        and(
          eq(message.orgId, orgId),
          eq(message.conversationId, input.id),
          keysetAfter(message.createdAt, message.id, input.cursor),
        ),
      )
      .orderBy(desc(message.createdAt), desc(message.id))
      .limit(input.limit + 1)
    const page = pageOfRows(
      newestFirst,
      input.limit,
      ({ cursorAt, row }) => ({ at: cursorAt, id: row.id }),
      ({ row }) => row,
    )
    const answers = page.items.filter((m) => m.role === 'assistant').map((m) => m.id)
    const about = await readAbout(tx, orgId, answers)
    return {
      conversation: toConversation(found),
      messages: page.items.map((m) => toMessage(m, about(m.id))).toReversed(),
      nextCursor: page.nextCursor,
    }
  })
}

/** What belongs to answers, by the id of each. */
const readAbout = async (tx: TenantTx, orgId: string, ids: readonly string[]) => {
  const { citation, feedback, run } = schema
  if (ids.length === 0) return () => ({ citations: [], steps: [], run: undefined, feedback: undefined })
  const citations = await tx
    .select()
    .from(citation)
    .where(and(eq(citation.orgId, orgId), inArray(citation.messageId, [...ids])))
    .orderBy(asc(citation.messageId), asc(citation.marker))
  const runs = await tx
    .select({ id: run.id, messageId: run.messageId, timings: run.timings })
    .from(run)
    .where(and(eq(run.orgId, orgId), inArray(run.messageId, [...ids])))
    // Of an answer that was continued the newest is taken.
    .orderBy(asc(run.createdAt), asc(run.id))
  const steps = await readSteps(
    tx,
    orgId,
    runs.map(({ id }) => id),
  )
  const opinions = await tx
    .select({
      messageId: feedback.messageId,
      rating: feedback.rating,
      reason: feedback.reason,
      comment: feedback.comment,
    })
    .from(feedback)
    .where(and(eq(feedback.orgId, orgId), inArray(feedback.messageId, [...ids])))
  const citationsOf = Map.groupBy(citations, (c) => c.messageId)
  const opinionOf = new Map(opinions.map(({ messageId, ...opinion }) => [messageId, opinion]))
  const runOf = new Map(runs.map((r) => [r.messageId, r]))
  return (id: string) => {
    const ofRun = runOf.get(id)
    return {
      citations: (citationsOf.get(id) ?? []).map(toCitation),
      steps: (ofRun && steps.get(ofRun.id)) ?? [],
      run: ofRun,
      feedback: opinionOf.get(id),
    }
  }
}

import { and, desc, eq } from 'drizzle-orm'
import type { Conversation, listConversationsInput, Page } from '@quarry/contracts'
import { keysetAfter, keysetMoment, pageOfRows, schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { toConversation } from './conversation-row.ts'

/** The actor's own conversations, the one that was used last first. */
export const listConversations = async (
  ctx: VerbContext,
  input: z.infer<typeof listConversationsInput>,
): Promise<Page<Conversation>> => {
  authorise(ctx, 'chat.use')
  const { conversation } = schema
  const rows = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select({
        id: conversation.id,
        title: conversation.title,
        createdAt: conversation.createdAt,
        updatedAt: conversation.updatedAt,
        cursorAt: keysetMoment(conversation.updatedAt),
      })
      .from(conversation)
      .where(
        and(
          eq(conversation.orgId, ctx.actor.orgId),
          keysetAfter(conversation.updatedAt, conversation.id, input.cursor),
        ),
      )
      .orderBy(desc(conversation.updatedAt), desc(conversation.id))
      .limit(input.limit + 1),
  )
  return pageOfRows(rows, input.limit, ({ cursorAt, id }) => ({ at: cursorAt, id }), toConversation)
}

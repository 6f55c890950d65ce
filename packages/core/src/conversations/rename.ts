import { and, eq } from 'drizzle-orm'
import { AppError, type Conversation, type renameConversationInput } from '@quarry/contracts'
import { emitSignal, recordAudit, schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { toConversation } from './conversation-row.ts'
import { living } from './living.ts'

/** Gives one of the actor's own conversations another title. Its place in the list is that of its last use, and stays. */
export const renameConversation = async (
  ctx: VerbContext,
  input: z.infer<typeof renameConversationInput>,
): Promise<Conversation> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { conversation } = schema
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [renamed] = await tx
      .update(conversation)
      .set({ title: input.title })
      .where(and(living(orgId), eq(conversation.id, input.id)))
      .returning()
    if (!renamed) throw new AppError('not_found')
    await recordAudit(tx, {
      actor: ctx.actor,
      action: 'conversation.rename',
      subjectKind: 'conversation',
      subjectId: input.id,
      requestId: ctx.requestId,
    })
    await emitSignal(tx, 'conversation', input.id)
    return toConversation(renamed)
  })
}

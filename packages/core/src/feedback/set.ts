import { and, eq } from 'drizzle-orm'
import { AppError, type Feedback, type setFeedbackInput } from '@quarry/contracts'
import { emitSignal, schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { inLiving } from '../conversations/living.ts'

/**
 * Stores what the actor thinks of an answer that it was given, in place of what it thought before; null takes that
 * back. The same again changes nothing. Throws AppError('not_found') for what is no answer of the actor's,
 * ('conflict') while it is being written.
 */
export const setFeedback = async (
  ctx: VerbContext,
  input: z.infer<typeof setFeedbackInput>,
): Promise<{ feedback: Feedback | null }> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { feedback, message } = schema
  const given = input.feedback && { ...input.feedback, comment: input.feedback.comment || null }
  await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [answer] = await tx
      .select({ conversationId: message.conversationId, ownerId: message.ownerId, state: message.state })
      .from(message)
      .where(
        and(
          eq(message.orgId, orgId),
          eq(message.id, input.messageId),
          eq(message.role, 'assistant'),
          inLiving(orgId, message.conversationId),
        ),
      )
    if (!answer) throw new AppError('not_found')
    if (answer.state === 'streaming')
      throw new AppError('conflict', {
        message: 'The answer is still being written.',
        action: 'Rate it when it is complete.',
      })
    if (given === null)
      await tx.delete(feedback).where(and(eq(feedback.orgId, orgId), eq(feedback.messageId, input.messageId)))
    else
      await tx
        .insert(feedback)
        .values({ orgId, messageId: input.messageId, ownerId: answer.ownerId, ...given })
        .onConflictDoUpdate({
          target: [feedback.orgId, feedback.messageId],
          set: { ...given, updatedAt: new Date() },
        })
    await emitSignal(tx, 'conversation', answer.conversationId)
  })
  return { feedback: given }
}

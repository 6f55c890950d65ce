import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { AppError, CONVERSATION_UNDO_MS, type Conversation, type ConversationId } from '@quarry/contracts'
import { emitSignal, recordAudit, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { toConversation } from './conversation-row.ts'

/**
 * Takes the deletion of one of the actor's own conversations back, as long as it can be undone. One that is there is
 * left as it is. Throws AppError('not_found') afterwards.
 */
export const restoreConversation = async (ctx: VerbContext, input: { id: ConversationId }): Promise<Conversation> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { conversation } = schema
  const undoable = gt(conversation.deletedAt, sql`now() - ${CONVERSATION_UNDO_MS}::float8 * interval '1 millisecond'`)
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [found] = await tx
      .select()
      .from(conversation)
      .where(
        and(eq(conversation.orgId, orgId), eq(conversation.id, input.id), or(isNull(conversation.deletedAt), undoable)),
      )
      .for('update')
    if (!found) throw new AppError('not_found')
    if (found.deletedAt === null) return toConversation(found)
    await tx
      .update(conversation)
      .set({ deletedAt: null })
      .where(and(eq(conversation.orgId, orgId), eq(conversation.id, input.id)))
    await recordAudit(tx, {
      actor: ctx.actor,
      action: 'conversation.restore',
      subjectKind: 'conversation',
      subjectId: input.id,
      requestId: ctx.requestId,
    })
    await emitSignal(tx, 'conversation', input.id)
    return toConversation(found)
  })
}

import { and, eq, isNull, sql } from 'drizzle-orm'
import { AppError, type ConversationId } from '@quarry/contracts'
import { emitSignals, recordAudit, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { stopLiveRuns } from '../chat/live-runs.ts'
import type { VerbContext } from '../context.ts'
import { living } from './living.ts'

/**
 * Deletes one of the actor's own conversations: nobody sees it any more, and an answer that is being written in it
 * ends. It can be restored for `CONVERSATION_UNDO_MS`; then a sweep removes it for good.
 */
export const deleteConversation = async (
  ctx: VerbContext,
  input: { id: ConversationId },
): Promise<{ id: ConversationId }> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { conversation, run } = schema
  const runs = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const deleted = await tx
      .update(conversation)
      // The database's clock, which the sweep and a restore read, too.
      .set({ deletedAt: sql`now()` })
      .where(and(living(orgId), eq(conversation.id, input.id)))
      .returning({ id: conversation.id })
    if (deleted.length === 0) throw new AppError('not_found')
    const runs = await tx
      .update(run)
      .set({ stopRequestedAt: sql`now()` })
      .where(
        and(
          eq(run.orgId, orgId),
          eq(run.conversationId, input.id),
          eq(run.state, 'running'),
          isNull(run.stopRequestedAt),
        ),
      )
      .returning({ id: run.id })
    await recordAudit(tx, {
      actor: ctx.actor,
      action: 'conversation.delete',
      subjectKind: 'conversation',
      subjectId: input.id,
      requestId: ctx.requestId,
    })
    await emitSignals(tx, [
      ...runs.map(({ id }) => ({ topic: 'run.stop' as const, subjectId: id })),
      { topic: 'conversation', subjectId: input.id },
    ])
    return runs
  })
  stopLiveRuns(runs.map((r) => r.id))
  return { id: input.id }
}

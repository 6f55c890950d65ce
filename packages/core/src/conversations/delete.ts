import { and, eq } from 'drizzle-orm'
import { AppError, type ConversationId } from '@quarry/contracts'
import { emitSignal, recordAudit, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { stopLiveRuns } from '../chat/live-runs.ts'
import type { VerbContext } from '../context.ts'

/** Deletes one of the actor's own conversations; an answer that is being written in it ends. */
export const deleteConversation = async (
  ctx: VerbContext,
  input: { id: ConversationId },
): Promise<{ id: ConversationId }> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { conversation, run } = schema
  const runs = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const runs = await tx
      .select({ id: run.id })
      .from(run)
      .where(and(eq(run.orgId, orgId), eq(run.conversationId, input.id), eq(run.state, 'running')))
    const deleted = await tx
      .delete(conversation)
      .where(and(eq(conversation.orgId, orgId), eq(conversation.id, input.id)))
      .returning({ id: conversation.id })
    if (deleted.length === 0) throw new AppError('not_found')
    await recordAudit(tx, {
      actor: ctx.actor,
      action: 'conversation.delete',
      subjectKind: 'conversation',
      subjectId: input.id,
      requestId: ctx.requestId,
    })
    for (const { id } of runs) await emitSignal(tx, 'run.stop', id)
    await emitSignal(tx, 'conversation', input.id)
    return runs
  })
  stopLiveRuns(runs.map((r) => r.id))
  return { id: input.id }
}

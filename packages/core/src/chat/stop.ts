import { and, eq, isNull } from 'drizzle-orm'
import { AppError, type RunId } from '@quarry/contracts'
import { emitSignal, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { inLiving } from '../conversations/living.ts'
import { stopLiveRuns } from './live-runs.ts'

/**
 * Ends the actor's own run, wherever it is being generated: here at once, elsewhere by the signal or by the next
 * heartbeat, two seconds at most. What was written until then stays. A run that has ended is left as it is.
 */
export const stopRun = async (ctx: VerbContext, input: { runId: RunId }): Promise<{ runId: RunId }> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { run } = schema
  await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [row] = await tx
      .select({ state: run.state })
      .from(run)
      .where(and(eq(run.orgId, orgId), eq(run.id, input.runId), inLiving(orgId, run.conversationId)))
    if (!row) throw new AppError('not_found')
    if (row.state !== 'running') return
    await tx
      .update(run)
      .set({ stopRequestedAt: new Date() })
      .where(and(eq(run.orgId, orgId), eq(run.id, input.runId), isNull(run.stopRequestedAt)))
    await emitSignal(tx, 'run.stop', input.runId)
  })
  stopLiveRuns([input.runId])
  return { runId: input.runId }
}

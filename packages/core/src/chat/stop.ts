import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { AppError, type RunId } from '@quarry/contracts'
import { emitSignal, schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { inLiving } from '../conversations/living.ts'
import { isLive, stopLiveRuns } from './live-runs.ts'
import { takeOver } from './take-over.ts'

/** Longer than a living holder needs to hear of it, by the signal or by its heartbeat; a person may wait two seconds. */
const HEARD_WITHIN_MS = 1600

/**
 * Ends the actor's own run, wherever it is being generated: here at once, elsewhere by the signal or by the next
 * heartbeat, and where nobody generates it (its process died) by this process; two seconds at most. What was written
 * until then stays. A run that has ended is left as it is.
 */
export const stopRun = async (ctx: VerbContext, input: { runId: RunId }): Promise<{ runId: RunId }> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { run } = schema
  const running = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [row] = await tx
      .select({ state: run.state, attempt: run.attempt, heartbeatAt: run.heartbeatAt })
      .from(run)
      .where(and(eq(run.orgId, orgId), eq(run.id, input.runId), inLiving(orgId, run.conversationId)))
    if (!row) throw new AppError('not_found')
    if (row.state !== 'running') return null
    await tx
      .update(run)
      .set({ stopRequestedAt: sql`now()` })
      .where(and(eq(run.orgId, orgId), eq(run.id, input.runId), isNull(run.stopRequestedAt)))
    await emitSignal(tx, 'run.stop', input.runId)
    return row
  })
  stopLiveRuns([input.runId])
  if (running === null || isLive(ctx.deps.processId, input.runId)) return { runId: input.runId }
  if (running.heartbeatAt === null) await endUnheld(ctx, input.runId, running.attempt)
  else
    void delay(HEARD_WITHIN_MS, undefined, { signal: ctx.deps.shutdown })
      .then(() => endUnheld(ctx, input.runId, running.attempt))
      // Whoever takes the run over finds that it is to stop.
      .catch((err: unknown) => ctx.deps.logger.debug({ err, runId: input.runId }, 'a run is stopped later'))
  return { runId: input.runId }
}

/** Nothing, where a holder has ended it, or where another process has it by now: that one finds the wish. */
const endUnheld = ({ deps, actor: { orgId } }: VerbContext, runId: RunId, attempt: number): Promise<boolean> =>
  takeOver(deps, { orgId, runId, attempt }, 'stop')

import { setTimeout as delay } from 'node:timers/promises'
import { and, eq } from 'drizzle-orm'
import { AppError, type RunEvent, type RunId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { aborted } from '../aborted.ts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { inLiving } from '../conversations/living.ts'
import { readStoredAnswer } from './stored-answer.ts'

/**
 * Where the numbering of events made from Postgres starts: above any event of a log, so that a reader of a log that
 * is lost is never told an id that it has seen. No answer has a thousand million events.
 */
const STORED_IDS_AFTER = 1_000_000_000
/** A run that is generated elsewhere is looked at this often; nothing is held in between. */
const POLL_INTERVAL_MS = 500

/**
 * The events of the actor's own run after `lastEventId`, live until its end. Where the log is gone (a restart, an old
 * conversation) the same answer comes from Postgres: a reset, then all of it; so it does for an id that this run never
 * had. Throws AppError('not_found').
 */
export async function* streamRun(
  ctx: VerbContext,
  input: { runId: RunId; lastEventId?: string | null | undefined },
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  authorise(ctx, 'chat.use')
  const { state } = await requireRun(ctx, input.runId)
  let seen = Number(input.lastEventId ?? 0)
  // Only a run that has ended gives such ids, so this one is of another run, or invented.
  if (seen > STORED_IDS_AFTER && state === 'running') seen = 0
  if (seen <= STORED_IDS_AFTER) {
    const stopTailing = AbortSignal.any([signal, ctx.deps.shutdown])
    const log = ctx.deps.runLog.tail({ orgId: ctx.actor.orgId, runId: input.runId }, seen, stopTailing)
    for await (const event of log) {
      yield event
      seen = event.id
      if (event.type === 'end') return
    }
  }
  if (!signal.aborted && ctx.deps.shutdown.aborted) {
    yield { id: seen, attempt: 0, type: 'move' }
    // Returning would tell the reader that the stream is complete. The connection ends with the process instead.
    await aborted(signal)
  }
  if (signal.aborted) return
  const events = await storedEvents(ctx, input.runId, signal)
  const last = events.at(-1)?.id ?? 0
  for (const event of events) if (event.id > seen || seen > last) yield event
}

const requireRun = async (ctx: VerbContext, runId: RunId) => {
  const { orgId } = ctx.actor
  const { run } = schema
  const [row] = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select({ state: run.state })
      .from(run)
      .where(and(eq(run.orgId, orgId), eq(run.id, runId), inLiving(orgId, run.conversationId))),
  )
  if (!row) throw new AppError('not_found')
  return row
}

/** Waits for the end of a run that is generated elsewhere. Nothing once the reader has gone. */
const storedEvents = async (ctx: VerbContext, runId: RunId, signal: AbortSignal): Promise<RunEvent[]> => {
  const tenantDb = ctx.deps.database.tenant(ctx.actor)
  for (;;) {
    const stored = await readStoredAnswer(tenantDb, runId)
    if (stored)
      return stored.bodies.map((body, i) => ({ id: STORED_IDS_AFTER + 1 + i, attempt: stored.attempt, ...body }))
    // It may have been deleted.
    await requireRun(ctx, runId)
    await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return []
  }
}

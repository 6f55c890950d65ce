import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, sql } from 'drizzle-orm'
import { AppError, type RunEvent, type RunId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { aborted } from '../aborted.ts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { inLiving } from '../conversations/living.ts'
import { readShown, resetTo } from './run-state.ts'
import { createSharedReads } from './shared-reads.ts'
import { readStoredAnswer } from './stored-answer.ts'
import { tailUnlessStale } from './tail.ts'
import { takeOver } from './take-over.ts'

/**
 * Where the numbering of events made from Postgres starts: above any event of a log, so that a reader of a log that
 * is lost is never told an id that it has seen. No answer has a thousand million events.
 */
const STORED_IDS_AFTER = 1_000_000_000
/** A run whose log is not to be had is looked at this often; nothing is held in between. */
const POLL_INTERVAL_MS = 500

/**
 * The events of the actor's own run after `lastEventId`, live until its end, each with a higher id than the one before.
 * Where the log has not what comes next (it was lost, or Redis is away), what Postgres knows takes its place: one reset
 * with all of it, as soon as that is more than was seen; then the log goes on. A run that has ended and whose log is gone
 * is a reset, then all of it; so it is for an id that this run never had. Throws AppError('not_found') and ReaderTooSlow.
 */
export async function* streamRun(
  ctx: VerbContext,
  input: { runId: RunId; lastEventId?: string | null | undefined },
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  authorise(ctx, 'chat.use')
  const { runId } = input
  const ref = { orgId: ctx.actor.orgId, runId }
  const stop = AbortSignal.any([signal, ctx.deps.shutdown])
  let known = await look(ctx, runId)
  let seen = Number(input.lastEventId ?? 0)
  // Only a run that has ended gives such ids, so this one is of another run, or invented.
  if (seen > STORED_IDS_AFTER && known.state === 'running') seen = 0
  while (seen <= STORED_IDS_AFTER) {
    const before = seen
    // Whoever reads what nobody writes is the first to know, after a process that ended in order.
    if (known.state === 'running' && known.isFree && !stop.aborted) await goOn(ctx, runId, known.attempt)
    const isStale = async () => {
      known = await lookAgain(ctx, runId)
      return known.state !== 'running' || known.lastEventId > seen
    }
    for await (const event of tailUnlessStale(ctx.deps.runLog, ref, seen, stop, isStale)) {
      yield event
      seen = event.id
      if (event.type === 'end') return
    }
    if (stop.aborted) break
    if (known.state === 'running') known = await lookAgain(ctx, runId)
    if (known.state !== 'running') break
    const newer = known.lastEventId > seen ? await stateOf(ctx, runId, known.lastEventId) : null
    if (newer !== null && newer.lastEventId > seen) {
      yield { id: newer.lastEventId, attempt: known.attempt, ...resetTo(newer.shown) }
      seen = newer.lastEventId
    } else if (seen === before) {
      // All readers lost the log in the same moment; they need not come in the same one.
      const pauseMs = POLL_INTERVAL_MS * (0.5 + Math.random())
      await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined)
    }
  }
  if (!signal.aborted && ctx.deps.shutdown.aborted) {
    yield { id: seen, attempt: 0, type: 'move' }
    // Returning would tell the reader that the stream is complete. The connection ends with the process instead.
    await aborted(signal)
  }
  if (signal.aborted) return
  const stored = await readStoredAnswer(ctx.deps.database.tenant(ctx.actor), runId)
  if (!stored) throw new AppError('not_found')
  const events = stored.bodies.map((body, i) => ({ id: STORED_IDS_AFTER + 1 + i, attempt: stored.attempt, ...body }))
  const last = events.at(-1)?.id ?? 0
  for (const event of events) if (event.id > seen || seen > last) yield event
}

/** Where the actor's own run stands, in one short statement. Throws AppError('not_found'). */
const look = async (ctx: VerbContext, runId: RunId) => {
  const { orgId } = ctx.actor
  const { run, runPart } = schema
  const [row] = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select({
        ...{ state: run.state, attempt: run.attempt },
        isFree: sql<boolean>`${run.heartbeatAt} is null`,
        lastEventId: sql<number>`coalesce((select p.last_event_id from ${runPart} p
          where p.org_id = ${orgId} and p.run_id = ${runId} order by p.ordinal desc limit 1), 0)`.mapWith(Number),
      })
      .from(run)
      .where(and(eq(run.orgId, orgId), eq(run.id, runId), inLiving(orgId, run.conversationId))),
  )
  if (!row) throw new AppError('not_found')
  return row
}

const looks = createSharedReads<Awaited<ReturnType<typeof look>>>()
const states = createSharedReads<Awaited<ReturnType<typeof readShown>>>()
/** Whose reads may be shared: those of the same actor, to whom the database gives the same. */
const keyOf = ({ deps, actor: { orgId, kind, id } }: VerbContext, runId: RunId): string =>
  [deps.processId, orgId, kind, id, runId].join(' ')

/** The same for a reader who has looked once: with all who do so in this process. */
const lookAgain = (ctx: VerbContext, runId: RunId) => looks(keyOf(ctx, runId), () => look(ctx, runId))

/** The state at `lastEventId` or later. */
const stateOf = (ctx: VerbContext, runId: RunId, lastEventId: number) =>
  states(`${keyOf(ctx, runId)} ${lastEventId}`, () =>
    ctx.deps.database.tenant(ctx.actor).tx((tx) => readShown(tx, ctx.actor.orgId, runId)),
  )

const goOn = async ({ deps, actor: { orgId } }: VerbContext, runId: RunId, attempt: number): Promise<void> => {
  try {
    await takeOver(deps, { orgId, runId, attempt }, 'free')
  } catch (err) {
    deps.logger.warn({ err, runId }, 'an answer could not be taken over by its reader; the sweep will')
  }
}

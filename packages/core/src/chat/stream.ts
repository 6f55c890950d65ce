import { setTimeout as delay } from 'node:timers/promises'
import { and, asc, eq } from 'drizzle-orm'
import { AppError, type RunEvent, type RunEventBody, type RunId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { aborted } from '../aborted.ts'
import { authorise } from '../access/authorise.ts'
import { toCitation } from '../conversations/conversation-row.ts'
import type { VerbContext } from '../context.ts'

/**
 * Where the numbering of events made from Postgres starts: above any event of a log, so that a reader of a log that
 * is lost is never told an id that it has seen. No answer has a thousand million events.
 */
const STORED_IDS_AFTER = 1_000_000_000
/** A run that is generated elsewhere is looked at this often; nothing is held in between. */
const POLL_INTERVAL_MS = 500

/**
 * The events of the actor's own run after `lastEventId`, live until its end. Where the log is gone (a restart, an old
 * conversation) the same answer comes from Postgres: a reset, then all of it. Throws AppError('not_found').
 */
export async function* streamRun(
  ctx: VerbContext,
  input: { runId: RunId; lastEventId?: string | null | undefined },
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  authorise(ctx, 'chat.use')
  await readRun(ctx, input.runId)
  let seen = Number(input.lastEventId ?? 0)
  if (seen <= STORED_IDS_AFTER) {
    const stopTailing = AbortSignal.any([signal, ctx.deps.shutdown])
    const log = ctx.deps.runLog.tail({ orgId: ctx.actor.orgId, runId: input.runId }, seen, stopTailing)
    for await (const event of log ?? []) {
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
  for (const event of await storedEvents(ctx, input.runId, signal)) if (event.id > seen) yield event
}

const readRun = async (ctx: VerbContext, runId: RunId) => {
  const { orgId } = ctx.actor
  const { run } = schema
  const [row] = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select()
      .from(run)
      .where(and(eq(run.orgId, orgId), eq(run.id, runId))),
  )
  if (!row) throw new AppError('not_found')
  return row
}

/** The whole answer as events, the same ones each time. Waits for the end of a run that is generated elsewhere. */
const storedEvents = async (ctx: VerbContext, runId: RunId, signal: AbortSignal): Promise<RunEvent[]> => {
  let row = await readRun(ctx, runId)
  while (row.state === 'running') {
    await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return []
    row = await readRun(ctx, runId)
  }
  const { orgId } = ctx.actor
  const { citation, message } = schema
  const { stored, citations } = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [stored] = await tx
      .select()
      .from(message)
      .where(and(eq(message.orgId, orgId), eq(message.id, row.messageId)))
    const citations = await tx
      .select()
      .from(citation)
      .where(and(eq(citation.orgId, orgId), eq(citation.messageId, row.messageId)))
      .orderBy(asc(citation.marker))
    return { stored, citations }
  })
  if (!stored) throw new AppError('not_found')
  const bodies: RunEventBody[] = [
    { type: 'reset' },
    ...(stored.text === '' ? [] : [{ type: 'text', delta: stored.text } as const]),
    ...citations.map((c) => ({ type: 'citation', citation: toCitation(c) }) as const),
    ...(stored.failure ? [{ type: 'error', failure: stored.failure } as const] : []),
    {
      type: 'end',
      state: row.state,
      abstained: stored.abstained,
      model: stored.model ?? '',
      usage: row.usage ?? { inputTokens: 0, outputTokens: 0, steps: 0 },
      timings: row.timings ?? { firstTokenMs: null, totalMs: 0 },
    },
  ]
  return bodies.map((body, i) => ({ id: STORED_IDS_AFTER + 1 + i, attempt: row.attempt, ...body }))
}

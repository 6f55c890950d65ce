import { and, eq } from 'drizzle-orm'
import { feedEvent, type FeedEvent } from '@quarry/contracts'
import type { Signal } from '@quarry/cache'
import { schema } from '@quarry/db'
import { aborted } from '../aborted.ts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'

/** A reader that is this far behind is told everything again by its next look, so the oldest may go. */
const MOST_WAITING = 1000

/**
 * "This changed" for the actor's organisation, from now on, until `signal` aborts. Equal signals that wait are told
 * once. Ids of documents and collections are told to all members, since an id alone opens nothing; a conversation is
 * told to its owner only, because when somebody else asks something is their own business.
 */
export async function* streamFeed(ctx: VerbContext, signal: AbortSignal): AsyncGenerator<FeedEvent, void, undefined> {
  authorise(ctx, 'documents.read')
  const waiting = new Map<string, Signal>()
  let wake: () => void = () => undefined
  const stop = AbortSignal.any([signal, ctx.deps.shutdown])
  const onAbort = () => wake()
  stop.addEventListener('abort', onAbort)
  const unsubscribe = ctx.deps.signals.subscribe(ctx.actor.orgId, (received) => {
    if (received.topic === 'run.stop') return
    const oldest = waiting.size >= MOST_WAITING ? waiting.keys().next().value : undefined
    if (oldest !== undefined) waiting.delete(oldest)
    waiting.set(`${received.topic}:${received.subjectId}`, received)
    wake()
  })
  try {
    while (!stop.aborted) {
      const [next] = waiting
      if (!next) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      waiting.delete(next[0])
      const [, { id, topic, subjectId }] = next
      if (topic === 'conversation' && !(await isOwn(ctx, subjectId))) continue
      yield feedEvent.parse({ id, topic, subjectId })
    }
    // Going away: returning would tell the reader that there is no more to come. The connection ends with the process.
    if (!signal.aborted) await aborted(signal)
  } finally {
    unsubscribe()
    stop.removeEventListener('abort', onAbort)
  }
}

const isOwn = async (ctx: VerbContext, id: string): Promise<boolean> => {
  const { conversation } = schema
  const rows = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select({ id: conversation.id })
      .from(conversation)
      .where(and(eq(conversation.orgId, ctx.actor.orgId), eq(conversation.id, id))),
  )
  return rows.length > 0
}

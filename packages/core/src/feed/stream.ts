import { and, desc, eq, inArray } from 'drizzle-orm'
import { can, feedEvent, type FeedEvent } from '@quarry/contracts'
import type { Signal } from '@quarry/cache'
import { schema } from '@quarry/db'
import { aborted } from '../aborted.ts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { living, ownLiving } from '../conversations/living.ts'

/** A reader that is this far behind is told everything again by its next look, so the oldest may go. */
const MOST_WAITING = 1000
/** Signals of jobs are told together: what is worked on sends several a second, and a change is to be seen within one. */
const JOBS_TOGETHER_MS = 300
/** Of jobs that changed within that, the newest: a list of them is read anew after any. */
const MOST_JOBS_TOGETHER = 100
/** Conversations of the actor whose deletion is told: more than any list shows. */
const KNOWN_CONVERSATIONS = 200

/**
 * "This changed" for what the actor may see, from now on, until `signal` aborts. Equal signals that wait are told once.
 * What is not there any more is told to who could see it when the stream began, or was told of it since; of a document
 * the collection tells that it is gone. Of jobs only who manages them is told.
 */
export async function* streamFeed(ctx: VerbContext, signal: AbortSignal): AsyncGenerator<FeedEvent, void, undefined> {
  authorise(ctx, 'documents.read')
  const waiting = new Map<string, Signal>()
  const seesJobs = can(ctx.actor.role, 'jobs.manage')
  const jobs = new Map<string, Signal>()
  let jobTimer: NodeJS.Timeout | undefined
  let wake: () => void = () => undefined
  const handOnJobs = () => {
    jobTimer = undefined
    for (const job of jobs.values()) putNewest(waiting, job, MOST_WAITING)
    jobs.clear()
    wake()
  }
  const stop = AbortSignal.any([signal, ctx.deps.shutdown])
  const onAbort = () => wake()
  stop.addEventListener('abort', onAbort)
  const unsubscribe = ctx.deps.signals.subscribe(ctx.actor.orgId, (received) => {
    if (NOT_TOLD.has(received.topic)) return
    if (received.topic === 'job') {
      if (!seesJobs) return
      putNewest(jobs, received, MOST_JOBS_TOGETHER)
      jobTimer ??= setTimeout(handOnJobs, JOBS_TOGETHER_MS)
      return
    }
    putNewest(waiting, received, MOST_WAITING)
    wake()
  })
  try {
    const known = await readKnown(ctx)
    while (!stop.aborted) {
      if (waiting.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      const batch = [...waiting.values()]
      waiting.clear()
      const asked = batch.flatMap(({ topic, subjectId }) => (topic === 'job' ? [] : [subjectId]))
      const visible = asked.length === 0 ? new Set<string>() : await readVisible(ctx, asked)
      for (const { id, topic, subjectId } of batch) {
        // Of the members and the organisation itself: who may read them may read of all of them. So with jobs.
        const isThere =
          topic === 'job' || (topic === 'member' ? can(ctx.actor.role, 'members.read') : visible.has(subjectId))
        if (!isThere && !known.delete(subjectId)) continue
        if (isThere && (topic === 'collection' || topic === 'conversation')) known.add(subjectId)
        yield feedEvent.parse({ id, topic, subjectId })
      }
    }
    // Going away: returning would tell the reader that there is no more to come. The connection ends with the process.
    if (!signal.aborted) await aborted(signal)
  } finally {
    unsubscribe()
    clearTimeout(jobTimer)
    stop.removeEventListener('abort', onAbort)
  }
}

/** For processes, and not for people. */
const NOT_TOLD: ReadonlySet<Signal['topic']> = new Set(['access', 'job.cancel', 'run.stop', 'run.free'])

/** Equal signals that wait are one; of more than `most` the oldest goes. */
const putNewest = (waiting: Map<string, Signal>, signal: Signal, most: number): void => {
  const oldest = waiting.size >= most ? waiting.keys().next().value : undefined
  if (oldest !== undefined) waiting.delete(oldest)
  waiting.set(`${signal.topic}:${signal.subjectId}`, signal)
}

const { collection, conversation, document } = schema

const readKnown = async ({ actor, deps }: VerbContext): Promise<Set<string>> => {
  const rows = await deps.database.tenant(actor).tx(async (tx) => {
    const collections = await tx.select({ id: collection.id }).from(collection).where(eq(collection.orgId, actor.orgId))
    const conversations = await tx
      .select({ id: conversation.id })
      .from(conversation)
      .where(ownLiving(actor))
      .orderBy(desc(conversation.updatedAt), desc(conversation.id))
      .limit(KNOWN_CONVERSATIONS)
    return [...collections, ...conversations]
  })
  return new Set(rows.map(({ id }) => id))
}

/** Which of these ids the policies let the actor see, whatever they are ids of. */
const readVisible = async ({ actor, deps }: VerbContext, ids: readonly string[]): Promise<Set<string>> => {
  const { orgId } = actor
  const rows = await deps.database.tenant(actor).tx((tx) => {
    const among = (table: typeof collection | typeof conversation | typeof document) =>
      tx
        .select({ id: table.id })
        .from(table)
        .where(and(table === conversation ? living(orgId) : eq(table.orgId, orgId), inArray(table.id, [...ids])))
    return among(collection).unionAll(among(conversation)).unionAll(among(document))
  })
  return new Set(rows.map(({ id }) => id))
}

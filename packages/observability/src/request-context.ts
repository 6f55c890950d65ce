import { AsyncLocalStorage } from 'node:async_hooks'
import type { Notes } from './notes.ts'
import type { Span } from './tracing/span.ts'

/** What belongs to one request or one job, without being handed from function to function. */
export interface RequestContext {
  requestId: string
  orgId?: string
  jobId?: string
  /** What is noted for its line in the log. */
  readonly notes?: Notes
  /** What is measured below it belongs to; left out while nobody traces. */
  readonly span?: Span
}

declare global {
  // A bundler may load this module twice in one process; a logger of one copy serves requests of the other.
  var quarryRequestContext: AsyncLocalStorage<RequestContext> | undefined
}
const storage = (globalThis.quarryRequestContext ??= new AsyncLocalStorage<RequestContext>())

/** Runs `fn`; whatever it logs, however deep and however late, carries the ids of `context`. */
export const withRequestContext = <T>(context: RequestContext, fn: () => T): T => storage.run(context, fn)

export const requestContext = (): RequestContext | undefined => storage.getStore()

/** Those of the request, answer or job that this is part of; undefined where nobody keeps any. */
export const notes = (): Notes | undefined => storage.getStore()?.notes

/** Notes who calls, by ids alone. */
export const noteActor = (actor: {
  readonly orgId: string
  readonly id: string | null
  readonly kind: string
}): void => {
  const noted = notes()
  if (noted === undefined) return
  noted.orgId = actor.orgId
  if (actor.id !== null) noted.actorId = actor.id
  noted.actorKind = actor.kind
}

/** What every log line of it carries. */
export const requestIds = (): Pick<RequestContext, 'requestId' | 'orgId' | 'jobId'> | undefined => {
  const context = storage.getStore()
  if (context === undefined) return undefined
  const { requestId, orgId, jobId } = context
  return { requestId, ...(orgId !== undefined && { orgId }), ...(jobId !== undefined && { jobId }) }
}

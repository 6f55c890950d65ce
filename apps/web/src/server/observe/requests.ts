import { createNotes, notedFields, startTrace, type Notes, type RequestContext, type Span } from '@quarry/observability'
import type { WebCore } from '@quarry/core/web'
import type { EndedRequest, RequestObserver, StartedRequest } from '../entry-port.ts'
import { outcomeOf } from './outcome.ts'
import { isStreamed, procedureName } from './procedure-name.ts'

interface OpenRequest {
  readonly started: StartedRequest
  readonly name: string
  readonly notes: Notes
  span?: Span
}

declare global {
  // Next loads modules twice: routes note what the observer of the other copy tells.
  var quarryRequests: Map<string, OpenRequest> | undefined
}
const requests = () => (globalThis.quarryRequests ??= new Map())

/** What a request is done in: its id, what is noted for its line, and its span where somebody traces. */
export const requestFrame = (requestId: string, headers: Pick<Headers, 'get'>): RequestContext => {
  const open = requests().get(requestId)
  if (open === undefined) return { requestId }
  open.span ??= startTrace(open.name, 'server', headers.get('traceparent'), {
    'http.request.method': open.started.method,
    'quarry.request_id': requestId,
  })
  return { requestId, notes: open.notes, ...(open.span && { span: open.span }) }
}

/** A request that took longer than the target of the 95th percentile is one that somebody wants to know of. */
const SLOW_MS = 300
/** Probes and files of the build: in the metrics, and only in the most talkative log. */
const QUIET: ReadonlySet<string> = new Set(['health', 'static'])

/** Counts every request, and writes its line when it is over. */
export const createRequestObserver = ({
  deps: { metrics, logger, database },
}: Pick<WebCore, 'deps'>): RequestObserver => {
  metrics.beforeReading(() => {
    const streams = new Map<string, number>()
    let inFlight = 0
    for (const { name } of requests().values())
      if (isStreamed(name)) streams.set(name, (streams.get(name) ?? 0) + 1)
      else inFlight++
    metrics.requestsInFlight.set({}, inFlight)
    metrics.requestsQueued.set({}, database.stats().waiting)
    metrics.streamsOpen.reset()
    for (const [procedure, count] of streams) metrics.streamsOpen.set({ procedure }, count)
  })
  return {
    started: (started) =>
      void requests().set(started.requestId, { started, name: procedureName(started), notes: createNotes() }),
    ended: (ended) => {
      const { requestId, requestClass, durationMs, status, isStream } = ended
      const open = requests().get(requestId)
      if (open === undefined) return
      requests().delete(requestId)
      const outcome = outcomeOf(ended)
      // A stream lasts as long as its reader likes.
      if (!isStream) metrics.requestSeconds.observe({ procedure: open.name, outcome }, durationMs / 1000)
      const failed = status >= 500
      open.span?.set({ 'http.response.status_code': status, ...actorOf(open.notes) })
      open.span?.end(failed ? outcome : undefined)
      const level = failed ? 'warn' : QUIET.has(requestClass) ? 'debug' : 'info'
      if (logger.isLevelEnabled(level)) logger[level](lineOf(ended, open, outcome), 'request')
    },
  }
}

const actorOf = ({ orgId, actorKind }: Notes) => ({
  ...(orgId !== undefined && { 'quarry.org_id': orgId }),
  ...(actorKind !== undefined && { 'quarry.actor_kind': actorKind }),
})

const lineOf = (ended: EndedRequest, { name, notes }: OpenRequest, outcome: string): Record<string, unknown> => ({
  requestId: ended.requestId,
  method: ended.method,
  procedure: name,
  // Names of the product's own, never what a caller wrote.
  outcome,
  status: ended.status,
  ms: Math.round(ended.durationMs * 10) / 10,
  bytes: ended.bytesOut,
  by: ended.by,
  ...(ended.isStream && { stream: true }),
  ...(!ended.isStream && ended.durationMs > SLOW_MS && { slow: true }),
  ...notedFields(notes),
})

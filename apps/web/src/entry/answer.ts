import type { IncomingMessage } from 'node:http'
import type { EndedRequest, EntryPort, RequestClass, StartedRequest } from '../server/entry-port.ts'
import { createAdmission } from './admission.ts'
import type { Drain } from './drain.ts'
import type { EntryResponse } from './entry-response.ts'
import type { HealthRoutes } from './health.ts'
import type { NextApp } from './next-app.ts'
import type { RequestRegistry } from './open-requests.ts'
import { classOf, pathOf, proceduresIn } from './request-class.ts'
import { boundBody, refusalOf } from './request-limits.ts'
import type { RouteFiles } from './route-files.ts'

/** For each request that is worked on so many may look for what is kept, which takes a hundredth of the time. */
const MOST_LOOKS = 4
/** When the balancer has found another replica, or a queue here is shorter. */
const RETRY_SECONDS = 1

export interface AnswerParts {
  readonly app: Pick<NextApp, 'handle'>
  readonly port: EntryPort
  readonly routes: RouteFiles
  readonly health: HealthRoutes
  readonly drain: Pick<Drain, 'isDraining'>
  readonly open: RequestRegistry
}

/** What others say of a host: nothing of ours goes by it, and what a cache keeps may not be made by it. */
const HOST_CLAIMS = ['x-forwarded-host', 'x-forwarded-port', 'forwarded', 'x-original-url', 'x-rewrite-url', 'x-host']

/**
 * Answers every request of a replica: named, limited by its head, then a probe, a kept read, a compiled route file, or Next.
 * Never throws; every answer carries what answer-headers.ts says.
 */
export const createAnswer = (parts: AnswerParts) => {
  const { app, port, routes, health, drain, open } = parts
  const { isHttps, build, maxRequests } = port.settings
  const admission = createAdmission(maxRequests)

  /** `note` is told who answers before that one begins: an answer may be over before whoever gave it says so. */
  const answer = async (
    request: IncomingMessage,
    response: EntryResponse,
    path: string,
    requestClass: RequestClass,
    note: (by: EndedRequest['by']) => void,
  ): Promise<void> => {
    const refusal = refusalOf(request, requestClass)
    if (refusal !== null) {
      if (refusal.allow !== undefined) response.setHeader('allow', refusal.allow)
      port.refuse(request, response, refusal)
      return
    }
    boundBody(request, response, requestClass)
    if (requestClass === 'health' && (await health(path, request, response))) return
    const isStream = requestClass === 'api' && (request.headers.accept ?? '').includes('text/event-stream')
    const isQueued = !isStream && QUEUED.has(requestClass)
    const refuse = () => {
      note('entry')
      port.refuse(request, response, { code: 'unavailable', retryAfterSeconds: RETRY_SECONDS })
    }
    if (isStream ? drain.isDraining() : isQueued && open.answers.size > MOST_LOOKS * maxRequests) return refuse()
    // What is kept costs less than to be asked for again: it needs no place.
    if (requestClass === 'api' && request.method === 'GET' && !isStream) {
      note('kept')
      if (await port.answerRead(request, response)) return
    }
    if (isQueued) {
      const leave = admission.enter()
      if (leave === null) return refuse()
      // Its last byte is out, or nobody waits for it any more; where that was before, nothing is told again.
      if (response.closed) leave()
      else response.once('finish', leave).once('close', leave)
    }
    note('route')
    const routed = requestClass === 'page' || requestClass === 'static' ? null : routes(request, response)
    if (routed === null) note('next')
    await (routed ?? app.handle(request, response))
  }

  return (request: IncomingMessage, response: EntryResponse): void => {
    // Whoever writes to a connection that has ended means nothing by it.
    response.on('error', () => undefined)
    request.on('error', () => undefined)
    for (const name of HOST_CLAIMS) if (name in request.headers) delete request.headers[name]
    const path = pathOf(request.url)
    const requestClass = classOf(path)
    const requestId = port.arrive(request, response)
    open.add(response)
    let isStream = false
    response.facts = {
      requestClass,
      requestId,
      isHttps,
      build,
      onHead: () => {
        if (drain.isDraining()) response.shouldKeepAlive = false
        isStream = String(response.getHeader('content-type') ?? '').startsWith('text/event-stream')
        if (isStream) open.isStream(response)
      },
    }
    let by: EndedRequest['by'] = 'entry'
    observe(port, request, response, { requestClass, requestId, path }, () => ({ by, isStream }))
    const note = (who: EndedRequest['by']) => {
      by = who
    }
    answer(request, response, path, requestClass, note).catch((error: unknown) => {
      if (response.destroyed) return
      port.log('error', { err: error, requestId }, 'a request failed')
      if (response.headersSent) response.destroy()
      else port.refuse(request, response, { code: 'internal' })
    })
  }
}

/** Classes that wait for the same few things, so that one more makes all slower; a transfer waits for its line. */
const QUEUED: ReadonlySet<RequestClass> = new Set(['api', 'auth', 'page'])

const observe = (
  { observers }: EntryPort,
  request: IncomingMessage,
  response: EntryResponse,
  { requestClass, requestId, path }: { requestClass: RequestClass; requestId: string; path: string },
  known: () => Pick<EndedRequest, 'by' | 'isStream'>,
): void => {
  if (observers.size === 0) return
  const startedAt = performance.now()
  const bytesBefore = request.socket.bytesWritten
  const started: StartedRequest = {
    requestId,
    method: request.method ?? '',
    requestClass,
    procedures: proceduresIn(path),
  }
  for (const observer of observers) observer.started?.(started)
  response.once('close', () => {
    const ended: EndedRequest = {
      ...started,
      ...known(),
      status: response.statusCode,
      durationMs: performance.now() - startedAt,
      bytesOut: request.socket.bytesWritten - bytesBefore,
      aborted: !response.writableFinished,
    }
    for (const observer of observers) observer.ended?.(ended)
  })
}

import { COSTS, createCallLimits, errorShape, toAppError, type CallLimits } from '@quarry/api'
import { AppError, retryAfterSeconds, type AppErrorShape } from '@quarry/contracts'
import type { VerbContext } from '@quarry/core/web'
import { withRequestContext } from '@quarry/observability'
import { requestIdOf } from './arrival.ts'
import { networkOf } from './client-network.ts'
import { requestFrame } from './observe/requests.ts'
import { trustedOrigins } from './origins.ts'
import { actorOf, resolveCaller, type Caller } from './resolve-actor.ts'
import { requireSameOrigin } from './same-origin.ts'
import { webCore, webEnv } from './web-core.ts'

/** On everything that a caller gets: nobody between us and them may keep it, or change it on the way. */
export const PRIVATE_HEADERS = {
  'cache-control': 'private, no-store, no-transform',
  'x-content-type-options': 'nosniff',
} as const

/** Methods that change nothing (RFC 9110, 9.2.1). */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Runs a route of its own kind, which says itself what it costs; what it throws becomes the same JSON as in the API, and
 * no other site gets to it.
 */
export const guard = (
  request: Request,
  route: (requestId: string, limits: CallLimits) => Promise<Response>,
): Promise<Response> => {
  const requestId = requestIdOf(request.headers)
  return withRequestContext(requestFrame(requestId, request.headers), async () => {
    const limits = createCallLimits(webCore().deps, networkOf(request.headers))
    const run = async () => {
      requireSameOrigin(request, trustedOrigins(webEnv().adapters))
      return route(requestId, limits)
    }
    const response = await run().catch((thrown: unknown) => errorResponse(thrown, requestId))
    for (const [name, value] of Object.entries({ ...limits.headers(), 'x-request-id': requestId }))
      response.headers.set(name, value)
    return response
  })
}

/**
 * Runs what may write: whoever reads next reads what it has left, whether it succeeded or not. Who was refused before
 * has written nothing, and costs the database nothing.
 */
export const told = async <T>({ method }: Request, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } finally {
    if (!READS.has(method)) await webCore().deps.wrote([])
  }
}

export interface RouteContext extends VerbContext {
  readonly limits: CallLimits
}

/** The same for a caller who has to be signed in. */
export const respond = (request: Request, route: (ctx: RouteContext) => Promise<Response>): Promise<Response> =>
  guard(request, async (requestId, limits) => {
    limits.requireAddress()
    const caller = await resolveCaller(request.headers)
    // Who belongs to no workspace is looked up each time, and pays for it as nobody does.
    if (!caller?.actor) await limits.charge(null, COSTS.read)
    const actor = actorOf(caller)
    if (!actor) throw new AppError('unauthenticated')
    const ctx = { deps: webCore().deps, actor, requestId, limits }
    const response = await told(request, () => route(ctx)).catch((thrown: unknown) => errorResponse(thrown, requestId))
    return withRenewal(response, caller)
  })

/** Hands on the cookie of a session that was prolonged by this very call. */
export const withRenewal = (response: Response, caller: Caller | null): Response => {
  for (const cookie of caller?.renewal ?? []) response.headers.append('set-cookie', cookie)
  return response
}

/** What tRPC's clients read of a request that was refused as a whole, whatever calls it carried. */
export const refusedCalls = (app: AppErrorShape, httpStatus: number) => ({
  error: { message: app.message, code: -32600, data: { httpStatus, app } },
})

/** What every error answers with, in the body's own words as well. */
export const errorHeaders = (error: AppError): Record<string, string> => {
  const seconds = retryAfterSeconds(error)
  return { ...PRIVATE_HEADERS, ...(seconds === null ? {} : { 'retry-after': String(seconds) }) }
}

const errorResponse = (thrown: unknown, requestId: string): Response => {
  const error = toAppError(thrown)
  if (error.code === 'internal') webCore().deps.logger.error({ err: error.cause }, 'a route failed')
  return Response.json(errorShape(error, requestId), { status: error.http, headers: errorHeaders(error) })
}

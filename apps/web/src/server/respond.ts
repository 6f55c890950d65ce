import { randomUUID } from 'node:crypto'
import { errorShape, toAppError } from '@quarry/api'
import { AppError, retryAfterSeconds } from '@quarry/contracts'
import type { VerbContext } from '@quarry/core/web'
import { withRequestContext } from '@quarry/observability'
import { trustedOrigins } from './origins.ts'
import { actorOf, resolveCaller, type Caller } from './resolve-actor.ts'
import { requireSameOrigin } from './same-origin.ts'
import { webCore, webEnv } from './web-core.ts'

/** On everything that a caller gets: nobody between us and them may keep it, or change it on the way. */
export const PRIVATE_HEADERS = {
  'cache-control': 'private, no-store, no-transform',
  'x-content-type-options': 'nosniff',
} as const

/** Runs a route of its own kind; what it throws becomes the same JSON as in the API, and no other site gets to it. */
export const guard = (request: Request, route: (requestId: string) => Promise<Response>): Promise<Response> => {
  const requestId = randomUUID()
  return withRequestContext({ requestId }, async () => {
    try {
      requireSameOrigin(request, trustedOrigins(webEnv().adapters))
      return await route(requestId)
    } catch (thrown) {
      return errorResponse(thrown, requestId)
    }
  })
}

/** The same for a caller who has to be signed in. */
export const respond = (request: Request, route: (ctx: VerbContext) => Promise<Response>): Promise<Response> =>
  guard(request, async (requestId) => {
    const caller = await resolveCaller(request.headers)
    const actor = actorOf(caller)
    if (!actor) throw new AppError('unauthenticated')
    const ctx = { deps: webCore().deps, actor, requestId }
    return withRenewal(await route(ctx).catch((thrown: unknown) => errorResponse(thrown, requestId)), caller)
  })

/** Hands on the cookie of a session that was prolonged by this very call. */
export const withRenewal = (response: Response, caller: Caller | null): Response => {
  for (const cookie of caller?.renewal ?? []) response.headers.append('set-cookie', cookie)
  return response
}

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

import { randomUUID } from 'node:crypto'
import { appRouter, errorShape, toAppError, type ApiContext } from '@quarry/api'
import { withRequestContext } from '@quarry/observability'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { readLimitedBody } from './limited-body.ts'
import { trustedOrigins } from './origins.ts'
import { resolveActor } from './resolve-actor.ts'
import { PRIVATE_HEADERS } from './respond.ts'
import { requireSameOrigin } from './same-origin.ts'
import { webCore, webEnv } from './web-core.ts'

/** Calls in one request; the clients send no more. */
const MAX_BATCH = 20
const ENDPOINT = '/api/trpc'

/** Mounts the API on fetch. A subscription is answered as server-sent events and ends with the request. */
export const handleTrpc = (request: Request): Promise<Response> => {
  const requestId = randomUUID()
  return withRequestContext({ requestId }, async () => {
    try {
      requireSameOrigin(request, trustedOrigins(webEnv().adapters))
      const req = request.method === 'GET' ? request : await withReadBody(request)
      let actor: ReturnType<ApiContext['resolveActor']> | undefined
      return await fetchRequestHandler({
        endpoint: ENDPOINT,
        req,
        router: appRouter,
        maxBatchSize: MAX_BATCH,
        createContext: () => ({
          deps: webCore().deps,
          requestId,
          resolveActor: () => (actor ??= resolveActor(request.headers)),
        }),
        responseMeta: ({ type }) => ({
          // A stream has headers of its own that say the same.
          headers: { ...(type === 'subscription' ? {} : PRIVATE_HEADERS), 'x-request-id': requestId },
        }),
      })
    } catch (thrown) {
      const error = toAppError(thrown)
      if (error.code === 'internal') webCore().deps.logger.error({ err: error.cause }, 'the API could not be reached')
      const app = errorShape(error, requestId)
      return Response.json(
        { error: { message: app.message, code: -32600, data: { httpStatus: error.http, app } } },
        { status: error.http, headers: PRIVATE_HEADERS },
      )
    }
  })
}

const withReadBody = async (request: Request): Promise<Request> =>
  new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body: await readLimitedBody(request),
    signal: request.signal,
  })

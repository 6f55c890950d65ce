import {
  appRouter,
  createCallLimits,
  errorShape,
  streamErrorShape,
  toAppError,
  type ApiContext,
  type CarriedEvents,
} from '@quarry/api'
import { type AppError, retryAfterSeconds } from '@quarry/contracts'
import { withRequestContext } from '@quarry/observability'
import type { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { requestIdOf } from './arrival.ts'
import { networkOf } from './client-network.ts'
import { limitGuesses } from './guess-limit.ts'
import { withLimitedBody } from './limited-body.ts'
import { requestFrame } from './observe/requests.ts'
import { trustedOrigins } from './origins.ts'
import { actorOf, forgetActors, resolveCaller } from './resolve-actor.ts'
import { errorHeaders, PRIVATE_HEADERS, refusedCalls, withRenewal } from './respond.ts'
import { requireSameOrigin } from './same-origin.ts'
import { carryEvents } from './streams/carried-events.ts'
import { connectionOf } from './streams/connections.ts'
import { openStreams } from './streams/open-streams.ts'
import { MAX_BATCH, requireSmallBatch } from './small-batch.ts'
import { webCore, webEnv } from './web-core.ts'

const ENDPOINT = '/api/trpc'

/** Mounts the API on fetch. A subscription is answered as server-sent events and ends with the request. */
export const handleTrpc = (request: Request): Promise<Response> => {
  const requestId = requestIdOf(request.headers)
  return withRequestContext(requestFrame(requestId, request.headers), async () => {
    let leave = () => {}
    try {
      requireSmallBatch(request)
      requireSameOrigin(request, trustedOrigins(webEnv().adapters))
      const limits = createCallLimits(webCore().deps, networkOf(request.headers))
      let asked: ReturnType<typeof resolveCaller> | undefined
      const caller = () => (asked ??= resolveCaller(request.headers))
      // tRPC tells of a stream that was refused in the stream, with 200.
      let refusal: AppError | null = null
      let events: CarriedEvents | null = null
      const ctx: ApiContext = {
        deps: webCore().deps,
        requestId,
        resolveActor: async () => actorOf(await caller()),
        resolvePerson: async () => (await caller())?.person ?? null,
        actorChanged: forgetActors,
        limitGuesses: (attempt) => limitGuesses(networkOf(request.headers), attempt),
        admitStream: (actor) => {
          leave = openStreams(webCore().deps.limits.stream).enter(actor)
        },
        carryEvents: (carried) => {
          events = carried
        },
        limits,
      }
      const answer = await fetchRequestHandler({
        endpoint: ENDPOINT,
        req: await withLimitedBody(request),
        router: appRouter,
        maxBatchSize: MAX_BATCH,
        createContext: () => ctx,
        onError: ({ error, type }) => {
          const found = toAppError(error)
          if (type === 'subscription' && found.code === 'rate_limited') refusal ??= found
        },
        responseMeta: ({ errors }) => ({ headers: headersOf(errors) }),
      })
      const response =
        refusal !== null
          ? await refused(answer, refusal, requestId)
          : events === null
            ? answer
            : await streamed(answer, request, events, ctx, leave)
      if (events === null) leave()
      // Over what tRPC gives a stream, too: one that somebody keeps would be somebody else's.
      for (const [name, value] of Object.entries({ ...PRIVATE_HEADERS, ...limits.headers() }))
        response.headers.set(name, value)
      response.headers.set('x-request-id', requestId)
      return withRenewal(response, (await asked?.catch(() => null)) ?? null)
    } catch (thrown) {
      leave()
      const error = toAppError(thrown)
      if (error.code === 'internal') webCore().deps.logger.error({ err: error.cause }, 'the API could not be reached')
      return errorResponse(error, requestId)
    }
  })
}

const errorResponse = (error: AppError, requestId: string): Response =>
  Response.json(refusedCalls(errorShape(error, requestId), error.http), {
    status: error.http,
    headers: errorHeaders(error),
  })

/** The head of tRPC's answer, and the events as its body; its place is free again when that ends. */
const streamed = async (
  answer: Response,
  request: Request,
  events: CarriedEvents,
  ctx: ApiContext,
  leave: () => void,
): Promise<Response> => {
  await answer.body?.cancel()
  const body = carryEvents(events, {
    connection: connectionOf(request.headers),
    signal: request.signal,
    errorShape: (thrown) => streamErrorShape(thrown, events.path, ctx),
    onEnd: leave,
  })
  return new Response(body, { status: answer.status, headers: answer.headers })
}

/** What waiting helps against is said in the answer's status, where proxies and clients of every kind understand it. */
const refused = async (answer: Response, refusal: AppError, requestId: string): Promise<Response> => {
  await answer.body?.cancel()
  return errorResponse(refusal, requestId)
}

/** Of several calls in one answer the one that has to wait longest. */
const headersOf = (errors: readonly TRPCError[]): Record<string, string> => {
  const waits = errors.map((error) => retryAfterSeconds(toAppError(error))).filter((seconds) => seconds !== null)
  return waits.length === 0 ? {} : { 'retry-after': String(Math.max(...waits)) }
}

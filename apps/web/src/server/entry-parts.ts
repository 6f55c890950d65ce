import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorShape } from '@quarry/api'
import { AppError, type Health } from '@quarry/contracts'
import { closeTracing } from '@quarry/observability'
import { arrive, idOf } from './arrival.ts'
import { runningBuild } from './build.ts'
import type { EntryPort, Refusal } from './entry-port.ts'
import { errorHeaders, refusedCalls } from './respond.ts'
import { answerRead } from './reads/answer-read.ts'
import { openStreams } from './streams/open-streams.ts'
import { webCore, webEnv } from './web-core.ts'

/** What this process offers to the entry; see entry-port.ts. */
export const createEntryPort = (): EntryPort => {
  const { adapters, limits } = webEnv()
  const { deps } = webCore()
  let isLeaving = false
  return {
    settings: {
      listen: adapters.listen,
      build: runningBuild(),
      isHttps: adapters.publicUrl.startsWith('https:'),
      maxStreams: limits.stream.maxPerProcess,
      maxRequests: limits.requests.maxPerProcess,
      drainDelayMs: adapters.drainDelayMs,
    },
    arrive,
    answerRead,
    refuse,
    health: async () => (isLeaving ? LEAVING : webCore().health()),
    observers: new Set(),
    log: (level, fields, sentence) => deps.logger[level](fields, sentence),
    stopStreams: () => {
      isLeaving = true
      openStreams(limits.stream).stop()
    },
    giveAway: () => webCore().giveAway(),
    close: async () => {
      await webCore().close()
      await closeTracing()
    },
  }
}

/** To every prober, also of the port of the metrics, from the first moment on: the parts are looked at once a second. */
const LEAVING: Health = {
  ok: false,
  parts: [{ name: 'process', ok: false, detail: 'is shutting down' }],
  findings: [],
}

/** As the API tells of errors: the status of the code, and the sentence for a person. */
const refuse = (request: IncomingMessage, response: ServerResponse, refusal: Refusal): void => {
  const { code, status, retryAfterSeconds, message, action } = refusal
  const error = new AppError(code, {
    ...(message !== undefined && { message }),
    ...(action !== undefined && { action }),
    ...(retryAfterSeconds !== undefined && { details: { retryAfterSeconds } }),
  })
  const app = errorShape(error, idOf(request))
  const http = status ?? error.http
  // The one shape that tRPC's clients and everybody else can read.
  const body = JSON.stringify({ ...app, ...refusedCalls(app, http) })
  response.writeHead(http, { ...errorHeaders(error), 'content-type': 'application/json', connection: 'close' })
  response.end(request.method === 'HEAD' ? undefined : body)
}

import { once } from 'node:events'
import {
  request as send,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ErrorCode } from '@quarry/contracts'
import type { EntryPort, EntrySettings } from '../../server/entry-port.ts'
import { createAnswer, type AnswerParts } from '../answer.ts'
import { createDrain } from '../drain.ts'
import { createHealthRoutes } from '../health.ts'
import { createHttpServer } from '../http-server.ts'
import { createRequestRegistry } from '../open-requests.ts'

const STATUS: Partial<Record<ErrorCode, number>> = { too_large: 413, unavailable: 503, internal: 500 }

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

export interface EntryOptions {
  /** In place of Next. */
  readonly page?: Answer
  /** In place of the compiled route files. */
  readonly route?: Answer
  readonly answerRead?: EntryPort['answerRead']
  readonly settings?: Partial<EntrySettings>
  readonly deadlineMs?: number
}

/** The entry's own server on a free port; behind it what the test puts there instead of Next. */
export const startEntryServer = async (options: EntryOptions = {}) => {
  const calls: string[] = []
  const port: EntryPort = {
    settings: {
      listen: { host: '127.0.0.1', port: 0 },
      ...{ isHttps: false, build: '', maxStreams: 10, maxRequests: 50, drainDelayMs: 0 },
      ...options.settings,
    },
    arrive: (request) => String(request.headers['x-request-id'] ?? 'made-here'),
    answerRead: options.answerRead ?? (() => Promise.resolve(false)),
    refuse: (_, response, { code, status, retryAfterSeconds }) => {
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds)
      response.writeHead(status ?? STATUS[code] ?? 400, { connection: 'close' })
      response.end(JSON.stringify({ code }))
    },
    health: () => Promise.resolve({ ok: true, parts: [], findings: [] }),
    observers: new Set(),
    log: (level, _, sentence) => void calls.push(`${level}: ${sentence}`),
    stopStreams: () => void calls.push('stopStreams'),
    giveAway: () => Promise.resolve(void calls.push('giveAway')),
    close: () => Promise.resolve(void calls.push('close')),
  }
  const open = createRequestRegistry()
  const server = createHttpServer((request, response) => answer(request, response), port.settings)
  const drain = createDrain(server, port, open, options.deadlineMs)
  const text: Answer = (_, response) => void response.end('from Next')
  const parts: AnswerParts = {
    ...{ port, open, drain, health: createHealthRoutes(port, drain) },
    app: { handle: async (request, response) => (options.page ?? text)(request, response) },
    routes: (request, response) => (options.route ? Promise.resolve(options.route(request, response)) : null),
  }
  const answer = createAnswer(parts)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: number } = server.address() as AddressInfo
  return {
    ...{ port, open, drain, calls, server, number },
    ask: (path: string, request: RequestOptions & { body?: string } = {}) => ask(number, path, request),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export interface Asked {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const ask = async (
  port: number,
  path: string,
  { body, ...request }: RequestOptions & { body?: string },
): Promise<Asked> => {
  const sent = send({ host: '127.0.0.1', port, path, agent: false, ...request })
  sent.end(body)
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve)
    sent.once('error', reject)
  })
  const response = await answered
  let text = ''
  for await (const piece of response) text += String(piece)
  return { status: response.statusCode ?? 0, headers: response.headers, body: text }
}

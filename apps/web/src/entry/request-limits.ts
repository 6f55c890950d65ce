import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Refusal, RequestClass } from '../server/entry-port.ts'

/**
 * Kept alive longer than balancers keep their side (nginx 60 s, AWS 60 s, Envoy less): the one that sends is the one that
 * closes, and no request meets a connection that has just ended.
 */
export const KEEP_ALIVE_MS = 75_000
/** From the first byte to the last of the headers: a telephone in a tunnel needs seconds, and a slow reader of ours none. */
export const HEADERS_TIMEOUT_MS = 15_000
/** Node's own default, said so that no flag changes it. The longest that the clients send is a batch of 4,000 characters. */
export const MAX_HEADER_BYTES = 16 * 1024
/** Connections that are no stream: a balancer keeps some dozens, browsers without one six each. */
export const OTHER_CONNECTIONS = 2_000

/** A call of the API is JSON of a few kilobytes; createMany with 200 long paths has 250. */
export const MOST_BODY_BYTES = 1024 * 1024
/** So much comes in a second over the slowest line that somebody still works on. */
const BODY_DEADLINE_MS = 30_000
/** An upload may take hours, and goes on where it broke off; one that brings less than a kilobyte a second is nobody. */
const LEAST_UPLOAD_BYTES = 30_000

const READS: readonly string[] = ['GET', 'HEAD']
/** Methods that something answers; all others are refused before anything is looked at. */
const METHODS: Readonly<Record<RequestClass, readonly string[]>> = {
  api: [...READS, 'POST', 'OPTIONS'],
  auth: [...READS, 'POST', 'OPTIONS'],
  upload: ['HEAD', 'PUT', 'OPTIONS'],
  content: [...READS, 'OPTIONS'],
  health: READS,
  page: READS,
  static: READS,
}

/** Why a request is not taken, from its head alone; null where it is. */
export const refusalOf = (
  request: IncomingMessage,
  requestClass: RequestClass,
): (Refusal & { allow?: string }) | null => {
  const { method = '', headers } = request
  const allowed = METHODS[requestClass]
  if (!allowed.includes(method))
    return {
      code: 'invalid_input',
      status: 405,
      message: 'This address does not take such a request.',
      action: `Use ${allowed.join(' or ')}.`,
      allow: allowed.join(', '),
    }
  const length = headers['content-length']
  const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0)
  // Its content would mean nothing (RFC 9110, 9.3.1), and Next would keep it in memory.
  if (hasBody && !['POST', 'PUT'].includes(method))
    return { code: 'invalid_input', message: 'A request of this kind has no body.', action: 'Send it without one.' }
  if (requestClass !== 'upload' && Number(length ?? 0) > MOST_BODY_BYTES)
    return { code: 'too_large', message: 'The request is too large.', action: 'Send less at once.' }
  return null
}

/**
 * Ends the connection of a request whose body does not come. Node's own `requestTimeout` counts all requests alike, and an
 * upload may take an hour.
 */
export const boundBody = (
  request: IncomingMessage,
  response: ServerResponse,
  requestClass: RequestClass,
  deadlineMs = BODY_DEADLINE_MS,
): void => {
  if (!['POST', 'PUT'].includes(request.method ?? '')) return
  let seen = request.socket.bytesRead
  const look = () => {
    if (request.complete || request.destroyed) return
    const now = request.socket.bytesRead
    if (requestClass !== 'upload' || now - seen < LEAST_UPLOAD_BYTES) {
      response.destroy()
      return
    }
    seen = now
    timer.refresh()
  }
  const timer = setTimeout(look, deadlineMs).unref()
  response.once('close', () => clearTimeout(timer))
}

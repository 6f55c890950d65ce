import { createServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ALWAYS, PRIVATE } from './answer-headers.ts'
import { EntryResponse } from './entry-response.ts'
import { HEADERS_TIMEOUT_MS, KEEP_ALIVE_MS, MAX_HEADER_BYTES, OTHER_CONNECTIONS } from './request-limits.ts'

/** How often connections are looked at whose headers do not come: a tenth of what they may take would cost more. */
const LOOK_MS = 5_000

/** The HTTP server of a replica; it does not listen yet. */
export const createHttpServer = (
  answer: (request: IncomingMessage, response: EntryResponse) => void,
  { maxStreams }: { readonly maxStreams: number },
) => {
  const server = createServer(
    {
      ServerResponse: EntryResponse,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Bodies have deadlines of their own kind: see boundBody.
      requestTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: LOOK_MS,
      // Events go out as they come.
      noDelay: true,
      // A line that has gone without a word is noticed, also behind a stream that says nothing for hours.
      keepAlive: true,
    },
    answer,
  )
  server.maxConnections = maxStreams + OTHER_CONNECTIONS
  server.on('clientError', refuseUnreadable)
  return server
}

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** What is no request has no answer object: a few lines are written as they are. */
const refuseUnreadable = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const head = { ...ALWAYS, 'cache-control': PRIVATE, connection: 'close', 'content-length': '0' }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${STATUS[error.code ?? ''] ?? '400 Bad Request'}`, ...lines, '\r\n'].join('\r\n'))
}

import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'

/** Names a request's connection to routes, which see no socket. Whatever a caller puts there is overwritten. */
export const CONNECTION_HEADER = 'x-quarry-connection'

/** The connection that an answer goes out on. */
export interface Connection {
  /** Ends it at once, with what is under way on it; the other side sees that it broke. */
  cut(): void
  /** Calls back when all has been sent, or the connection has ended. At once where it has already. */
  onClosed(callback: () => void): void
}

declare global {
  // Next loads modules twice: requests are noted by one copy, and asked for by the other.
  var quarryConnections: Map<string, ServerResponse> | undefined
}

const responses = (): Map<string, ServerResponse> => (globalThis.quarryConnections ??= new Map())

/** Notes every request of this process until it is answered. */
export const noteConnections = (): void => {
  let last = 0
  subscribe('http.server.request.start', (started) => {
    if (typeof started !== 'object' || started === null || !('request' in started && 'response' in started)) return
    const { request, response } = started
    if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return
    const name = String(++last)
    request.headers[CONNECTION_HEADER] = name
    responses().set(name, response)
    response.once('close', () => responses().delete(name))
  })
}

/** None for a request that came by no socket of this process: a test's. */
export const connectionOf = (headers: Headers): Connection | null => {
  const response = responses().get(headers.get(CONNECTION_HEADER) ?? '')
  if (response === undefined) return null
  return {
    cut: () => {
      response.destroy()
    },
    onClosed: (callback) => {
      if (response.closed) callback()
      else response.once('close', callback)
    },
  }
}

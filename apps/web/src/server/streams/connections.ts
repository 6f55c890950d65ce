import type { IncomingMessage, ServerResponse } from 'node:http'

/** Names a request's connection to routes, which see no socket. Whatever a caller puts there is overwritten. */
const CONNECTION_HEADER = 'x-quarry-connection'

/** The connection that an answer goes out on. */
export interface Connection {
  /** Ends it at once, with what is under way on it; the other side sees that it broke. */
  cut(): void
  /** Calls back when all has been sent, or the connection has ended. At once where it has already. */
  onClosed(callback: () => void): void
  /** The answer's headers are out: from now on its body may be written here, past whoever carries the answer. */
  readonly hasBegun: boolean
  /** Sends a piece of the body. False: no more, please, until it has drained. */
  write(bytes: Uint8Array): boolean
  onDrain(callback: () => void): void
}

declare global {
  // Next loads modules twice: requests are noted by one copy, and asked for by the other.
  var quarryConnections: Map<string, ServerResponse> | undefined
}

const responses = (): Map<string, ServerResponse> => (globalThis.quarryConnections ??= new Map())

let last = 0

/** Notes on which connection a request is answered, until it is. */
export const noteConnection = (request: IncomingMessage, response: ServerResponse): void => {
  const name = String(++last)
  request.headers[CONNECTION_HEADER] = name
  responses().set(name, response)
  response.once('close', () => responses().delete(name))
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
    get hasBegun() {
      return response.headersSent
    },
    // What is gone takes everything, and says so by `onClosed`.
    write: (bytes) => response.destroyed || response.write(bytes),
    onDrain: (callback) => {
      response.on('drain', callback)
    },
  }
}

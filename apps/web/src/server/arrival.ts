import { randomUUID } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import { noteClient } from './client-network.ts'
import { noteConnection } from './streams/connections.ts'
import { webEnv } from './web-core.ts'

/** Where a request's id stands for routes. Whatever a caller puts there is overwritten. */
const ID_HEADER = 'x-quarry-request'
/** What answers carry it in, and what a proxy of ours may name it by. */
const SHOWN_HEADER = 'x-request-id'
/** As nginx, Envoy and the clouds' balancers make them; nothing that could break a line of a log or a header. */
const SANE_ID = /^[\w.:-]{8,128}$/

/**
 * Names a request, and says whom it comes from and on which connection it is answered: once, into its headers, which is
 * all that routes see of it. Its id is the one that a trusted proxy gave it, where that is one.
 */
export const arrive = (request: IncomingMessage, response: ServerResponse): string => {
  const { trustedProxies } = webEnv().adapters
  const given = trustedProxies > 0 ? request.headers[SHOWN_HEADER] : undefined
  const id = typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID()
  request.headers[ID_HEADER] = id
  noteClient(request, trustedProxies)
  noteConnection(request, response)
  return id
}

/** The id of a request that arrived. */
export const idOf = ({ headers }: IncomingMessage): string => String(headers[ID_HEADER] ?? '')

/** The same for a route; a new one for a request that came by no socket of this process: a test's. */
export const requestIdOf = (headers: Headers): string => headers.get(ID_HEADER) ?? randomUUID()

/** Where no entry of ours serves, under `next dev`: every request of this process, before anybody looks at it. */
export const noteArrivals = (): void =>
  subscribe('http.server.request.start', (started) => {
    if (typeof started !== 'object' || started === null || !('request' in started && 'response' in started)) return
    const { request, response } = started
    if (request instanceof IncomingMessage && response instanceof ServerResponse) arrive(request, response)
  })

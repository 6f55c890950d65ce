import { Agent, request } from 'node:http'

/** As browsers have for one address over HTTP/1.1. */
const MOST_SOCKETS = 6
/** Longer than any deadline of the product: who has no answer then has none at all. */
const TIMEOUT_MS = 15_000

/**
 * A person's connections. They are kept, as a browser keeps them, and come from an address of their own: the limit for
 * one address then counts people, and not this process. `node:http` and not undici or fetch: it can say where a
 * connection comes from, and needs no package.
 *
 * @param {{ base: URL, address: string | undefined, headers: Record<string, string> }} options
 */
export const openConnection = ({ base, address, headers }) => {
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: MOST_SOCKETS },
    ...(address === undefined ? {} : { localAddress: address }),
  })
  const send = ({ method = 'GET', path, body, type, accept = 'application/json', timeoutMs = TIMEOUT_MS }) => {
    const own = { ...headers, accept }
    if (body !== undefined) {
      own['content-type'] = type ?? 'application/json'
      own['content-length'] = Buffer.byteLength(body)
    }
    const sent = request({
      host: base.hostname,
      port: base.port,
      method,
      path,
      headers: own,
      agent,
      timeout: timeoutMs,
    })
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })))
    sent.end(body)
    return sent
  }
  return {
    /** A request to its end. Never rejected: `kind` says how it went ('ok', or what is counted as an error). */
    call: (options) =>
      new Promise((resolve) => {
        const startedAt = performance.now()
        let bytes = 0
        const pieces = []
        const end = (kind, response) => {
          const retryAfter = response?.headers['retry-after']
          resolve({
            ...{ kind, ms: performance.now() - startedAt, status: response?.statusCode ?? 0, bytes },
            retryAfterSeconds: retryAfter === undefined ? null : Number(retryAfter),
            text: pieces.length === 0 ? '' : Buffer.concat(pieces).toString('utf8'),
          })
        }
        const sent = send(options)
        sent.on('response', (response) => {
          response.on('data', (piece) => {
            bytes += piece.length
            if (options.read === true || response.statusCode >= 400) pieces.push(piece)
          })
          response.on('end', () => end(kindOf(response), response))
          response.on('error', (error) => end(error.code === 'TIMEOUT' ? 'timeout' : 'connection', response))
        })
        sent.on('error', (error) => end(error.code === 'TIMEOUT' ? 'timeout' : 'connection'))
      }),
    send,
    close: () => agent.destroy(),
  }
}

/** How an answer counts. A refusal that does not say when to come back is a fault, and not a limit. */
export const kindOf = ({ statusCode: status, headers }) => {
  if (status < 400) return 'ok'
  if (status === 429 || status === 503) return headers['retry-after'] === undefined ? `${status} without` : `${status}`
  return status >= 500 ? '5xx' : '4xx'
}

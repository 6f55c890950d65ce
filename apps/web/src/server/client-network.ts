import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { webEnv } from './web-core.ts'

/** Where a request's own peer stands for routes, which see no socket. Whatever a caller puts there is overwritten. */
export const PEER_HEADER = 'x-quarry-peer'

/** Next gives routes an address only as X-Forwarded-For, and there whatever the caller claims comes first. */
export const notePeers = (): void =>
  subscribe('http.server.request.start', (started) => {
    if (typeof started !== 'object' || started === null || !('request' in started)) return
    const { request } = started
    if (request instanceof IncomingMessage) request.headers[PEER_HEADER] = request.socket.remoteAddress ?? ''
  })

/**
 * Whom a request comes from, for counting: an IPv4 address, or the /64 that one IPv6 subscriber has (RFC 6177). Of
 * X-Forwarded-For only the last `trustedProxies` addresses count: those before them are the caller's own words.
 */
export const clientNetwork = (headers: Headers, trustedProxies: number): string => {
  const forwarded = (headers.get('x-forwarded-for') ?? '').split(',')
  const chain = [...forwarded, headers.get(PEER_HEADER) ?? ''].map((address) => address.trim())
  const address = chain.at(-1 - trustedProxies) ?? chain[0] ?? ''
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? (isIPv6(address) ? firstHalf(address) : address)
}

/** The same, of a request to this server. */
export const networkOf = (headers: Headers): string => clientNetwork(headers, webEnv().adapters.trustedProxies)

const firstHalf = (address: string): string => {
  const [before = '', after] = address.split('::')
  const left = before.split(':').filter(Boolean)
  const right = (after ?? '').split(':').filter(Boolean)
  const gap = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...gap, ...right].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

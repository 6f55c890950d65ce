import type { IncomingMessage } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'
import { webEnv } from './web-core.ts'

/** Where a request's own peer stands for who asks of a request that did not arrive here: a test's. */
export const PEER_HEADER = 'x-quarry-peer'
/** Where it stands for routes whom a request comes from. Whatever a caller puts there is overwritten. */
const CLIENT_HEADER = 'x-quarry-client'

/**
 * Says in a request's headers whom it comes from. Routes see no socket, and Next gives them an address only as
 * X-Forwarded-For, where whatever the caller claims comes first.
 */
export const noteClient = (request: IncomingMessage, trustedProxies: number): void => {
  const forwarded = request.headers['x-forwarded-for'] ?? ''
  request.headers[CLIENT_HEADER] = lastUntrusted(
    typeof forwarded === 'string' ? forwarded : forwarded.join(','),
    request.socket.remoteAddress ?? '',
    trustedProxies,
  )
}

/** For what is no address at all: whoever says such a thing shares one place with the others who do. */
const UNKNOWN = 'unknown'

/**
 * Whom a request comes from, for counting: an IPv4 address, or the /64 that one IPv6 subscriber has (RFC 6177), however
 * it is written. Of X-Forwarded-For only the last `trustedProxies` addresses count: those before them are the caller's
 * own words.
 */
export const clientNetwork = (headers: Pick<Headers, 'get'>, trustedProxies: number): string =>
  headers.get(CLIENT_HEADER) ??
  lastUntrusted(headers.get('x-forwarded-for') ?? '', headers.get(PEER_HEADER) ?? '', trustedProxies)

const lastUntrusted = (forwarded: string, peer: string, trustedProxies: number): string => {
  const chain = [...forwarded.split(','), peer]
  return networkIn(chain.at(-1 - trustedProxies) ?? chain[0] ?? '')
}

/** The same, of a request to this server. */
export const networkOf = (headers: Pick<Headers, 'get'>): string =>
  clientNetwork(headers, webEnv().adapters.trustedProxies)

/** `192.0.2.1:80`, `[2001:db8::1]:80`: some proxies add the port. */
const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/

const networkIn = (written: string): string => {
  const text = written.trim()
  const ported = WITH_PORT.exec(text)
  // A zone says which interface of ours it came in by (RFC 4007), and not who it is.
  const [address = ''] = (ported?.[1] ?? ported?.[2] ?? text).split('%')
  if (isIPv4(address)) return address
  return isIPv6(address) ? networkOfGroups(groupsOf(address)) : UNKNOWN
}

/** The eight groups of an IPv6 address, each without leading zeros; one in dots at its end counts as two. */
const groupsOf = (address: string): string[] => {
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const left = before.split(':').filter(Boolean)
  const right = (after ?? '').split(':').filter(Boolean)
  const gap = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...gap, ...right]
}

/** Prefixes of 96 bits behind which an IPv4 address stands: mapped (RFC 4291, 2.5.5.2), and translated (RFC 6052). */
const IPV4_PREFIXES = new Set(['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'])

const networkOfGroups = (groups: readonly string[]): string => {
  if (!IPV4_PREFIXES.has(groups.slice(0, 6).join(':'))) return `${groups.slice(0, 4).join(':')}::/64`
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
  return bytes.join('.')
}

import type { ServerResponse } from 'node:http'
import type { RequestClass } from '../server/entry-port.ts'

/** On every answer of every kind. What a page may load and run stands in its own policy, which proxy.ts makes with a nonce. */
export const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
} as const

/** A year, the least that browsers' preload lists take. Not for names below ours: they may be somebody else's. */
const STAY_WITH_HTTPS = 'max-age=31536000'

/** An answer that is no page shows nothing and loads nothing, wherever somebody opens it. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
/** A worker obeys the policy of its own file, and the PDF viewer's loads fonts and decoders. */
const OWN_FILE = "frame-ancestors 'none'; object-src 'none'; base-uri 'none'"

const POLICIES: Readonly<Record<RequestClass, string>> = {
  api: NO_PAGE,
  auth: NO_PAGE,
  upload: NO_PAGE,
  content: NO_PAGE,
  health: NO_PAGE,
  page: NO_PAGE,
  static: OWN_FILE,
}

export const PRIVATE = 'private, no-store'

export interface Answered {
  readonly requestClass: RequestClass
  readonly requestId: string
  readonly isHttps: boolean
  /** What this process runs; a page of another release tells by it that it is old. Empty: nothing is said. */
  readonly build: string
}

/**
 * What an answer still lacks, and how it may be kept: only files that are the same for everybody, and never one that sets
 * a cookie. Whoever writes an answer may say more, and be stricter.
 */
export const headersOf = (
  { requestClass, requestId, isHttps, build }: Answered,
  response: Pick<ServerResponse, 'getHeader' | 'hasHeader' | 'statusCode'>,
): [name: string, value: string][] => {
  const wanted: Record<string, string> = {
    ...ALWAYS,
    'content-security-policy': POLICIES[requestClass],
    ...(requestClass === 'api' && build !== '' && { 'x-quarry-build': build }),
    ...(requestId !== '' && { 'x-request-id': requestId }),
    ...(isHttps && { 'strict-transport-security': STAY_WITH_HTTPS }),
  }
  const missing = Object.entries(wanted).filter(([name]) => !response.hasHeader(name))
  return mayBeKept(requestClass, response) ? missing : [...missing, ['cache-control', PRIVATE]]
}

/** True also where it says itself, well enough, that it may not. */
const mayBeKept = (
  requestClass: RequestClass,
  response: Pick<ServerResponse, 'getHeader' | 'hasHeader' | 'statusCode'>,
): boolean => {
  const said = String(response.getHeader('cache-control') ?? '')
  if (/\bprivate\b/.test(said) && /\bno-store\b/.test(said)) return true
  return requestClass === 'static' && said !== '' && response.statusCode < 400 && !response.hasHeader('set-cookie')
}

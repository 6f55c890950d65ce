import type { RequestClass } from '../server/entry-port.ts'

/** Each prefix with what stands behind it; the first that fits counts, and what none fits is a page. */
const CLASSES: readonly (readonly [prefix: string, requestClass: RequestClass])[] = [
  ['/api/trpc/', 'api'],
  ['/api/auth/', 'auth'],
  ['/api/uploads/', 'upload'],
  ['/api/documents/', 'content'],
  ['/api/health/', 'health'],
  ['/api/', 'api'],
  ['/_next/', 'static'],
  ['/pdfjs/', 'static'],
  ['/favicon', 'static'],
  ['/icon', 'static'],
  ['/robots.txt', 'static'],
]

/** The path of a request's target, without its query. */
export const pathOf = (url: string | undefined): string => {
  const target = url ?? '/'
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}

export const classOf = (path: string): RequestClass =>
  CLASSES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'page'

/** The names in a path of the API, as the caller wrote them; null elsewhere. */
export const proceduresIn = (path: string): string | null =>
  path.startsWith('/api/trpc/') ? path.slice('/api/trpc/'.length) : null

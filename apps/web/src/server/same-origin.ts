import { AppError } from '@quarry/contracts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a write that another site's page makes with the cookie of whoever looks at it (CSRF). Browsers say where a
 * request comes from and scripts cannot change that; a caller that says nothing is no browser. A key is not sent by
 * itself, so a request that carries one need not be looked at. Throws AppError('forbidden').
 */
export const requireSameOrigin = (request: Request, trusted: readonly string[]): void => {
  if (READS.has(request.method) || request.headers.has('authorization')) return
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const refused =
    origin === null ? site !== null && site !== 'same-origin' && site !== 'none' : !trusted.includes(origin)
  if (refused) throw new AppError('forbidden', { message: 'This request came from another site.' })
}

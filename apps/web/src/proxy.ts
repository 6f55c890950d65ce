import { type NextRequest, NextResponse } from 'next/server'
import { ALWAYS } from './entry/answer-headers.ts'

const PUBLIC_PATHS = ['/sign-in', '/sign-up']
/** The link of an invitation is for people who have no account yet, too. */
const isPublic = (pathname: string): boolean => PUBLIC_PATHS.includes(pathname) || pathname.startsWith('/join/')

/** better-auth's session cookie, with any prefix. Only its presence: whether it is good, the API decides. */
const hasSessionCookie = (request: NextRequest): boolean =>
  request.cookies.getAll().some(({ name }) => name.endsWith('session_token'))

/**
 * Scripts run only with this response's nonce, or when loaded by one that has it; nothing is loaded from elsewhere.
 * Style sheets are ours. Style attributes stay allowed: positions of menus and marks are inline styles, and cannot run code.
 */
const contentSecurityPolicy = (nonce: string): string => {
  const development = process.env.NODE_ENV === 'development'
  return [
    `default-src 'self'`,
    // React's development build rebuilds server stack traces with eval; production does not.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? ` 'unsafe-eval'` : ''}`,
    // For browsers that do not know the two below it.
    `style-src 'self' 'unsafe-inline'`,
    // The development server puts its styles into elements without a nonce.
    `style-src-elem 'self' ${development ? `'unsafe-inline'` : `'nonce-${nonce}'`}`,
    `style-src-attr 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self' data: blob:`,
    `connect-src 'self'`,
    `worker-src 'self' blob:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

const secure = (response: NextResponse, policy: string): NextResponse => {
  response.headers.set('content-security-policy', policy)
  for (const [name, value] of Object.entries(ALWAYS)) response.headers.set(name, value)
  return response
}

/** Runs before every page: the security headers, and the way to the sign-in page for somebody without a session. */
export const proxy = (request: NextRequest): NextResponse => {
  const nonce = Buffer.from(crypto.randomUUID()).toString('base64')
  const policy = contentSecurityPolicy(nonce)
  const { pathname, search } = request.nextUrl
  if (!isPublic(pathname) && !hasSessionCookie(request)) {
    const signIn = request.nextUrl.clone()
    signIn.pathname = '/sign-in'
    signIn.search = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`
    return secure(NextResponse.redirect(signIn), policy)
  }
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy) // Next reads the nonce for its own scripts from here
  return secure(NextResponse.next({ request: { headers } }), policy)
}

export const config = {
  // Not /api: Next buffers the body of what passes here, up to 10 MB, which would cut uploads.
  matcher: ['/((?!api/|_next/|pdfjs/|favicon\\.svg|icon|robots\\.txt).*)'],
}

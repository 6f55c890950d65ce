import { auth } from './auth-instance.ts'
import { forgetActors } from './resolve-actor.ts'
import { guard, PRIVATE_HEADERS } from './respond.ts'

/** What of better-auth is open over HTTP. The rest waits for a page that needs it: what is not used is not there. */
const OPEN = new Set([
  'POST /sign-up/email',
  'POST /sign-in/email',
  'POST /sign-out',
  'GET /get-session',
  'POST /change-password',
])
const BASE = '/api/auth'

export const handleAuth = (request: Request): Promise<Response> =>
  guard(request, async () => {
    const { pathname } = new URL(request.url)
    if (!OPEN.has(`${request.method} ${pathname.slice(BASE.length)}`))
      return new Response(null, { status: 404, headers: PRIVATE_HEADERS })
    const response = await auth().handler(request)
    if (request.method === 'POST') forgetActors()
    const headers = new Headers(response.headers)
    for (const [name, value] of Object.entries(PRIVATE_HEADERS)) headers.set(name, value)
    return new Response(response.body, { status: response.status, headers })
  })

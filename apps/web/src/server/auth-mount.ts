import { COSTS } from '@quarry/api'
import { auth } from './auth-instance.ts'
import { withLimitedBody } from './limited-body.ts'
import { forgetActors } from './resolve-actor.ts'
import { guard, PRIVATE_HEADERS, told } from './respond.ts'

/** What of better-auth is open over HTTP. The rest waits for a page that needs it: what is not used is not there. */
const OPEN = new Set(['POST /sign-up/email', 'POST /sign-in/email', 'POST /sign-out'])
const BASE = '/api/auth'

export const handleAuth = (request: Request): Promise<Response> =>
  guard(request, async (_, limits) => {
    await limits.charge(null, COSTS.change)
    const { pathname } = new URL(request.url)
    if (!OPEN.has(`${request.method} ${pathname.slice(BASE.length)}`))
      return new Response(null, { status: 404, headers: PRIVATE_HEADERS })
    const response = await told(request, async () => auth().handler(await withLimitedBody(request)))
    if (request.method === 'POST') forgetActors()
    const headers = new Headers({ ...PRIVATE_HEADERS, 'content-type': 'application/json' })
    for (const cookie of response.headers.getSetCookie()) headers.append('set-cookie', cookie)
    // better-auth's own answer repeats the session's token, which no script is to see.
    const body = response.ok ? JSON.stringify({ ok: true }) : response.body
    return new Response(body, { status: response.status, headers })
  })

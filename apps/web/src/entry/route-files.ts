import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NextApp } from './next-app.ts'
import { pathOf } from './request-class.ts'

/** Answers a request with the route file that Next has compiled for it; null where there is none. */
export type RouteFiles = (request: IncomingMessage, response: ServerResponse) => Promise<void> | null

/**
 * Nothing that Next would rewrite, redirect, decode or take apart: names, commas between them and plain escapes. An
 * escaped slash, dot segment or backslash is Next's to judge, as is the rest.
 */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.~,-]|%2[cC])+)+$/
/** Parameters by which a front end of Next's own hands on what it found in a path (`nxtPticket=`): never from outside. */
const HANDED_ON = /[?&]nxt/i

/** `/api/trpc/[trpc]` as an expression over a plain path; `[...all]` takes several segments. */
const expressionOf = (route: string): RegExp => {
  const segments = route
    .split('/')
    .map((segment) =>
      segment.startsWith('[...')
        ? '.+'
        : segment.startsWith('[')
          ? '[^/]+'
          : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
    )
  return new RegExp(`^${segments.join('/')}$`)
}

/**
 * The compiled route files of `/api`, called without Next's own server in between, which takes half as long again to
 * find them. They are loaded at once: the first caller does not wait for that.
 */
export const openRouteFiles = (app: NextApp): RouteFiles => {
  const routes = JSON.parse(app.read('app-path-routes-manifest.json')) as Record<string, string>
  const files = JSON.parse(app.read('server/app-paths-manifest.json')) as Record<string, string>
  const known = Object.entries(routes)
    .filter(([, route]) => route.startsWith('/api/'))
    .flatMap(([name, route]) => {
      const file = files[name]
      return file === undefined ? [] : [{ fits: expressionOf(route), handler: app.loadRoute(`server/${file}`).handler }]
    })
  return (request, response) => {
    const path = pathOf(request.url)
    if (!PLAIN_PATH.test(path) || HANDED_ON.test(request.url ?? '')) return null
    const found = known.find(({ fits }) => fits.test(path))
    if (found === undefined) return null
    dropInternalHeaders(request)
    return call(found.handler, request, response)
  }
}

const call = async (
  handler: ReturnType<NextApp['loadRoute']>['handler'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  await handler(request, response, {
    // Nothing of ours goes on behind an answer by way of Next; what does has an owner that waits for it.
    waitUntil: (work) => void work.catch(() => undefined),
    requestMeta: { relativeProjectDir: '' },
  })
}

/** What Next's own server takes off a request from outside (server-ipc/utils.js): they steer what is inside of it. */
const INTERNAL_HEADERS = [
  'x-middleware-rewrite',
  'x-middleware-redirect',
  'x-middleware-set-cookie',
  'x-middleware-skip',
  'x-middleware-override-headers',
  'x-middleware-next',
  'x-now-route-matches',
  'x-matched-path',
  'x-nextjs-data',
  'x-next-resume-state-length',
  'next-resume',
  'x-prerender-revalidate',
  'x-middleware-subrequest',
]

const dropInternalHeaders = ({ headers }: IncomingMessage): void => {
  for (const name of INTERNAL_HEADERS) if (name in headers) delete headers[name]
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { EntryPort } from '../server/entry-port.ts'
import type { Drain } from './drain.ts'

/** Node's own: finer costs more, and what matters begins at 50 ms. */
const RESOLUTION_MS = 20
const NANOSECONDS = 1e6

/** Answers the probes of balancers and orchestrators; false where the path is none. */
export type HealthRoutes = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/**
 * `live`: the process and its event loop. Nothing else is asked, or a slow database would get every replica restarted; one
 * whose loop stands still does not answer at all. `ready`: whether it should get requests, and which part says no.
 */
export const createHealthRoutes = (port: EntryPort, drain: Pick<Drain, 'isDraining'>): HealthRoutes => {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  loop.enable()
  return async (path, request, response) => {
    if (path === '/api/health/live') send(request, response, 200, { ok: true, parts: [loopPart(loop)], findings: [] })
    else if (path === '/api/health/ready') {
      const health = await readiness(port, drain)
      send(request, response, health.ok ? 200 : 503, health)
    } else return false
    return true
  }
}

const readiness = async (port: EntryPort, drain: Pick<Drain, 'isDraining'>) => {
  // Looked at here and not with the other parts: those are a second old, and the balancer is to know at once.
  if (drain.isDraining())
    return { ok: false, parts: [{ name: 'process', ok: false, detail: 'is shutting down' }], findings: [] }
  return port.health()
}

/** Since the last probe, which is what its sender can do something about. */
const loopPart = (loop: ReturnType<typeof monitorEventLoopDelay>) => {
  const p99 = Math.max(0, loop.percentile(99) / NANOSECONDS - RESOLUTION_MS)
  loop.reset()
  return { name: 'event loop', ok: true, detail: `99 of 100 turns began within ${Math.ceil(p99)} ms` }
}

const send = ({ method }: IncomingMessage, response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(method === 'HEAD' ? undefined : JSON.stringify(body))
}

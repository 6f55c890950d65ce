import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics/create-metrics.ts'

/** What a prober asks of a process; nothing more than that is told to somebody without a password. */
export interface ProcessHealth {
  readonly ok: boolean
}

export interface MetricsServerOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  readonly logger: Logger
  /** Whether the process should get work, and which part says no. */
  readonly ready: () => Promise<ProcessHealth>
}

export interface MetricsServer {
  /** The one it listens on. */
  readonly port: number
  close(): void
}

/** A prober sends one line and a few headers. */
const HEAD_MS = 5_000

/**
 * Serves /metrics, /api/health/live and /api/health/ready to those who run the product, apart from the public port. Null
 * with a warning where the address cannot be had: a process without metrics serves all the same.
 */
export const serveMetrics = async (options: MetricsServerOptions): Promise<MetricsServer | null> => {
  const { host, port, metrics, logger, ready } = options
  const routes: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/metrics': async (response) => send(response, 200, metrics.registry.contentType, await metrics.text()),
    // It answers: its event loop turns.
    '/api/health/live': async (response) => sendJson(response, 200, { ok: true }),
    '/api/health/ready': async (response) => {
      const health = await ready()
      sendJson(response, health.ok ? 200 : 503, health)
    },
  }
  const server = createServer({ headersTimeout: HEAD_MS, requestTimeout: HEAD_MS }, (request, response) => {
    const route = routes[(request.url ?? '').split('?', 1)[0] ?? '']
    if (route === undefined || (request.method !== 'GET' && request.method !== 'HEAD'))
      return sendJson(response, 404, {})
    route(response).catch((err: unknown) => {
      logger.warn({ err }, 'metrics or health could not be told')
      sendJson(response, 500, { ok: false })
    })
  })
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (err) {
    logger.warn(
      { err, host, port },
      'no metrics are served: the address cannot be had. Set PROCESS_INDEX or METRICS_PORT, or ENABLE_METRICS=false.',
    )
    return null
  }
  server.on('error', (err) => logger.warn({ err }, 'the server of metrics failed'))
  // Nothing waits for a prober.
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const sendJson = (response: ServerResponse, status: number, body: object): void =>
  send(response, status, 'application/json', JSON.stringify(body))

const send = (response: ServerResponse, status: number, type: string, body: string): void => {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

import { Socket } from 'node:net'
import { Pool, type PoolClient, type PoolConfig } from 'pg'
import type { DatabaseAdapter } from '@quarry/config'
import { EMBEDDED_PORT, EMBEDDED_USER } from './address.ts'

/** The wait for a free connection and the handshake together; the caller then tries again by itself. */
const CONNECT_TIMEOUT_MS = 3_000
/** What the queue does with a connection takes milliseconds: after so long its server is not there any more. */
const SILENCE_MS = 10_000
const KEEP_ALIVE_MS = 30_000

export interface QueuePoolOptions {
  readonly max: number
  readonly maxLifetimeSeconds: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
}

/**
 * graphile-worker's own pool: as `login`, in the role that owns the queue and has no right to any tenant table. It needs
 * sessions (it listens, and names its statements), so it goes past a transaction pooler. (On PGlite all is one user; give
 * the runner `preparedStatements: false` there, its names would be shared.)
 *
 * Its driver waits for an answer without end. So all connections are cut when one of them was silent for too long; the
 * runner opens others.
 */
export const openQueuePool = (adapter: DatabaseAdapter, options: QueuePoolOptions, silenceMs = SILENCE_MS): Pool => {
  const sockets = new Set<Socket>()
  const openSocket = (): Socket => {
    const socket = new Socket()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  const pool = new Pool({
    ...addressOf(adapter),
    max: options.max,
    maxLifetimeSeconds: options.maxLifetimeSeconds,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    stream: openSocket,
  })
  const lent = new Map<PoolClient, NodeJS.Timeout>()
  pool.on('acquire', (client) => {
    const timer = setTimeout(() => {
      // Whoever listens keeps its connection.
      if (client.listenerCount('notification') > 0) return
      for (const socket of sockets) socket.destroy()
    }, silenceMs)
    timer.unref()
    lent.set(client, timer)
  })
  pool.on('release', (_error, client) => {
    clearTimeout(lent.get(client))
    lent.delete(client)
  })
  return pool
}

const addressOf = (adapter: DatabaseAdapter): PoolConfig =>
  adapter.kind === 'embedded'
    ? { host: adapter.socketDir, port: EMBEDDED_PORT, user: EMBEDDED_USER, database: EMBEDDED_USER }
    : { connectionString: adapter.directUrl ?? adapter.url, options: '-c role=app_worker' }

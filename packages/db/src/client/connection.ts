import { connect, type NetConnectOpts, type Socket } from 'node:net'
import postgres from 'postgres'
import type { DatabaseAdapter } from '@quarry/config'
import type { DatabaseObserver } from '../database-observer.ts'
import { statementName } from '../statement-name.ts'
import { EMBEDDED_PORT, EMBEDDED_USER } from './address.ts'
import { wireTypes } from './wire-types.ts'

/** A server that does not complete a handshake in this time is not there. */
const CONNECT_TIMEOUT_MS = 3_000
/** TCP keep-alive, so that an idle connection through a silent firewall is found dead before it is used. */
const KEEP_ALIVE_MS = 30_000

export type Row = Record<string, unknown>
/** `rows`: objects by column name. `arrays`: values in the order of the select list. */
export type RowShape = 'rows' | 'arrays'

/**
 * Exactly one connection to the server. postgres.js would reconnect by itself in the middle of a transaction, with what
 * follows then running outside of it; here a connection that ended stays ended (its socket can be had once).
 */
export class Connection {
  readonly openedAt = performance.now()
  #sql: postgres.Sql
  #socket: Socket
  #ended = false
  readonly #observer: Pick<DatabaseObserver, 'statement'> | undefined

  private constructor(
    adapter: DatabaseAdapter,
    socket: Socket,
    applicationName: string,
    observer?: Pick<DatabaseObserver, 'statement'>,
  ) {
    this.#observer = observer
    this.#socket = socket
    let handedOut = false
    const options = {
      max: 1,
      // Statements are named only where it pays (see `query`); on PGlite names would be everybody's, and behind a
      // transaction pooler the next transaction meets another session.
      prepare: adapter.kind === 'postgres' && (adapter.directUrl ?? null) === null,
      fetch_types: false,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: CONNECT_TIMEOUT_MS / 1000,
      types: wireTypes,
      connection: { application_name: applicationName },
      onnotice: () => {},
      onclose: () => {
        this.#ended = true
      },
      socket: () => {
        if (handedOut) throw new Error('this connection has ended')
        handedOut = true
        return socket
      },
    }
    this.#sql =
      adapter.kind === 'embedded'
        ? postgres({ ...options, user: EMBEDDED_USER, database: EMBEDDED_USER, ssl: false })
        : postgres(withoutHostParameter(adapter.url), options)
  }

  /** Connects and logs in. Throws what the network or the server said. */
  static async open(
    adapter: DatabaseAdapter,
    applicationName: string,
    observer?: Pick<DatabaseObserver, 'statement'>,
  ): Promise<Connection> {
    const connection = new Connection(adapter, await openSocket(adapter), applicationName, observer)
    const timer = setTimeout(() => connection.destroy(), CONNECT_TIMEOUT_MS)
    try {
      await connection.query('select 1', [], 'arrays')
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  get ended(): boolean {
    return this.#ended || this.#socket.destroyed
  }

  /**
   * Runs one statement. With `named` PostgreSQL keeps its plan, and later calls take one round trip instead of two: for
   * fixed texts that every transaction sends.
   */
  async query(
    text: string,
    params: readonly unknown[],
    shape: RowShape,
    named = false,
  ): Promise<unknown[] & { command?: string }> {
    if (this.ended) throw new Error('this connection has ended')
    const pending = this.#sql.unsafe<Row[]>(text, [...params] as postgres.ParameterOrJSON<never>[], { prepare: named })
    if (this.#observer === undefined) return shape === 'arrays' ? await pending.values() : await pending
    const started = performance.now()
    let failed = true
    try {
      const rows = shape === 'arrays' ? await pending.values() : await pending
      failed = false
      return rows
    } finally {
      this.#observer.statement(statementName(text), started, performance.now(), failed)
    }
  }

  /** Cuts the connection at once; what is running on it fails, and the server rolls back. */
  destroy(): void {
    if (this.#ended) return
    this.#ended = true
    // Settles what is pending; the farewell that it would write has nowhere to go.
    this.#sql.end({ timeout: 0 }).catch(() => {})
    this.#socket.destroy()
  }
}

const openSocket = (adapter: DatabaseAdapter): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const address = addressOf(adapter)
    const socket = connect(address)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    const timer = setTimeout(() => socket.destroy(new Error('connect ETIMEDOUT')), CONNECT_TIMEOUT_MS)
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      // postgres.js takes the name that a certificate must have from here.
      resolve('host' in address ? Object.assign(socket, { host: address.host }) : socket)
    })
  })

const addressOf = (adapter: DatabaseAdapter): NetConnectOpts => {
  if (adapter.kind === 'embedded') return { path: `${adapter.socketDir}/.s.PGSQL.${EMBEDDED_PORT}` }
  const url = new URL(adapter.url)
  const port = Number(url.port === '' ? 5432 : url.port)
  const host = decodeURIComponent(url.searchParams.get('host') ?? (url.hostname || 'localhost')).replace(/^\[|\]$/g, '')
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
}

/** `?host=/folder` (libpq's way to name a Unix socket) would be sent to the server as a setting. */
const withoutHostParameter = (text: string): string => {
  const url = new URL(text)
  url.searchParams.delete('host')
  return url.href
}

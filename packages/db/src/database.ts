import type { PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { DatabaseAdapter, DatabasePool } from '@quarry/config'
import type { Actor } from '@quarry/contracts'
import { acceptBuiltQueries } from './built-query.ts'
import { readVersions, type SubjectVersion } from './cache-versions.ts'
import { Connection } from './client/connection.ts'
import { drizzleOver } from './client/drizzle-over.ts'
import { ConnectionPool, type PoolOptions } from './client/pool.ts'
import { runStatement, runTransaction, SERVER_SLACK_MS, type Entrance, type RunQuery } from './client/transaction.ts'
import type { DatabaseObserver } from './database-observer.ts'
import * as authSchema from './schema/auth.ts'
import * as schema from './schema/index.ts'
import { watchedQuery, type StatementWatcher } from './statement-watcher.ts'
import { systemTx, tenantTx, type SystemTx, type TenantDb, type TenantTx } from './tenant.ts'

export interface Database {
  /** Transactions in one organisation, as one caller. */
  tenant(actor: Actor): TenantDb
  system<T>(fn: (tx: SystemTx) => Promise<T>, options?: { readonly timeoutMs?: number }): Promise<T>
  /** For better-auth's Drizzle adapter (`schema: authSchema`): one statement at a time, no transactions. */
  readonly auth: PgRemoteDatabase<typeof authSchema>
  /**
   * One transaction that writes better-auth's tables and then, after `enter`, as `actor` in an organisation: so that
   * what happens to an account is audited with it or does not happen. After `enter`, `tx` reaches nothing any more.
   */
  accounts<T>(fn: (tx: AccountTx, enter: (actor: Actor) => Promise<TenantTx>) => Promise<T>): Promise<T>
  /** The versions of some organisations, people or keys, in one round trip and in nobody's organisation. */
  versions(subjectIds: readonly string[]): Promise<SubjectVersion[]>
  /** Throws AppError('unavailable') when the database does not answer. */
  ping(): Promise<void>
  /** Connections: lent to somebody, idle, and callers waiting for one. */
  stats(): { lent: number; idle: number; waiting: number; max: number }
  /** Waits for what is running, at most 5 s. */
  close(): Promise<void>
}

/** better-auth's tables inside a transaction, as `login`. */
export type AccountTx = Omit<PgRemoteDatabase<typeof authSchema>, 'transaction'>

export interface DatabaseOptions {
  readonly pool?: Partial<DatabasePool>
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string
  /** Sees every statement; nobody, when it is left out. */
  readonly watch?: StatementWatcher
  /** Told how long everything takes, what belongs to no transaction included. */
  readonly observer?: DatabaseObserver
}

/** A request is told within 5 s; a hundred milliseconds is much for a transaction, with the wait for a connection. */
const DEFAULT_TIMEOUT_MS = 4_500
const PING_TIMEOUT_MS = 2_000
const CLOSE_GRACE_MS = 5_000
const DEFAULT_POOL: DatabasePool = { max: 10, acquireTimeoutMs: 3_000, maxLifetimeSeconds: 3_600 }

const tenantDrizzle = drizzleOver(schema)
const authDrizzle = drizzleOver(authSchema)
const tenantTxOver = (query: RunQuery): TenantTx =>
  acceptBuiltQueries(Object.assign(tenantDrizzle(query), { [tenantTx]: true as const }), query)

/**
 * Opens nothing yet: connections are made when they are needed. One per process; it belongs to the composition root.
 * `makePool` is for tests that look at each connection as it comes back.
 */
export const openDatabase = (
  adapter: DatabaseAdapter,
  options: DatabaseOptions = {},
  makePool = (poolOptions: PoolOptions) => new ConnectionPool(poolOptions),
): Database => {
  const settings = { ...DEFAULT_POOL, ...options.pool }
  const pool = makePool({
    max: settings.max,
    acquireTimeoutMs: settings.acquireTimeoutMs,
    maxLifetimeMs: settings.maxLifetimeSeconds * 1000,
    open: () => Connection.open(adapter, options.applicationName ?? 'quarry', options.observer),
    ...(options.observer && { observer: options.observer }),
  })
  const { watch } = options
  const run = <T>(
    entranceWithin: (leftMs: number) => Entrance,
    timeoutMs: number,
    work: (query: RunQuery) => Promise<T>,
  ): Promise<T> =>
    runTransaction(pool, entranceWithin, timeoutMs, async (query) => {
      await watch?.({ ...entranceWithin(timeoutMs), entrance: true }, () => Promise.resolve([]), query)
      return work(watchedQuery(query, watch))
    })
  const runAlone: RunQuery = (text, params, shape) => runStatement(pool, DEFAULT_TIMEOUT_MS, text, params, shape)
  return {
    tenant: (actor) => ({
      actor,
      tx: (fn, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) =>
        run(
          (leftMs) => tenantEntrance(actor, leftMs),
          timeoutMs,
          (query) => fn(tenantTxOver(query)),
        ),
    }),
    system: (fn, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) =>
      run(systemEntrance, timeoutMs, (query) => fn(Object.assign(tenantDrizzle(query), { [systemTx]: true as const }))),
    auth: authDrizzle(watchedQuery(runAlone, watch)),
    accounts: (fn) =>
      run(accountEntrance, DEFAULT_TIMEOUT_MS, (query) =>
        fn(authDrizzle(query), async (actor) => {
          const { text, params } = tenantEntrance(actor, DEFAULT_TIMEOUT_MS)
          await query(text, params, 'arrays')
          return tenantTxOver(query)
        }),
      ),
    versions: (subjectIds) =>
      readVersions((text, params) => runStatement(pool, DEFAULT_TIMEOUT_MS, text, params, 'arrays'), subjectIds),
    ping: async () => {
      const started = performance.now()
      try {
        await runStatement(pool, PING_TIMEOUT_MS, 'select 1', [], 'arrays')
      } catch (error) {
        // Busy is not away: others were served meanwhile.
        if (pool.answeredAt < started) throw error
      }
    },
    stats: () => ({ ...pool.stats, max: settings.max }),
    close: () => pool.close(CLOSE_GRACE_MS),
  }
}

const tenantEntrance = (actor: Actor, leftMs: number): Entrance => ({
  text: 'select app_enter($1::uuid, $2, $3::uuid, $4, $5::integer)',
  params: [actor.orgId, actor.kind, actor.id, actor.role, leftMs + SERVER_SLACK_MS],
})

const accountEntrance = (leftMs: number): Entrance => ({
  text: `select set_config('statement_timeout', $1, true)`,
  params: [String(leftMs + SERVER_SLACK_MS)],
})

const systemEntrance = (leftMs: number): Entrance => ({
  text: `select set_config('role', 'app_system', true), set_config('statement_timeout', $1, true)`,
  params: [String(leftMs + SERVER_SLACK_MS)],
})

import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Actor } from '@quarry/contracts'
import type * as schema from './schema/index.ts'

/** Only openDatabase puts this on a transaction; it is not part of the package's public face. */
export const tenantTx: unique symbol = Symbol('tenantTx')
export const systemTx: unique symbol = Symbol('systemTx')

/**
 * An open tenant transaction: role, organisation, actor and visible collections are set, and end with it.
 * Never hand it to a tool, a provider, a stream or another process; never wait for anything but this database in it.
 */
export type TenantTx = Omit<PgDatabase<PgQueryResultHKT, typeof schema>, 'transaction'> & { readonly [tenantTx]: true }

/**
 * A transaction as `app_system`: ids and states of all organisations, for sweeps and pollers. For a request only where an
 * owner of the installation makes it, or where it asks for numbers about the queue that all share.
 */
export type SystemTx = Omit<PgDatabase<PgQueryResultHKT, typeof schema>, 'transaction'> & { readonly [systemTx]: true }

/** Opens tenant transactions for one actor. */
export interface TenantDb {
  readonly actor: Actor
  /** Runs `fn` in one short transaction as `app_user`. Rolls back when it throws. Throws AppError('unavailable') past the deadline. */
  tx<T>(fn: (tx: TenantTx) => Promise<T>, options?: { readonly timeoutMs?: number }): Promise<T>
}

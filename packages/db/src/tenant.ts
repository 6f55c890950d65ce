import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Actor } from '@quarry/contracts'
import type * as schema from './schema/index.ts'

declare const tenantTx: unique symbol

/**
 * An open tenant transaction: role, organisation, actor and visible collections are set, and end with it.
 * Never hand it to a tool, a provider, a stream or another process; never wait for anything but this database in it.
 */
export type TenantTx = Omit<PgDatabase<PgQueryResultHKT, typeof schema>, 'transaction'> & { readonly [tenantTx]: true }

/** Opens tenant transactions for one actor. */
export interface TenantDb {
  readonly actor: Actor
  /** Runs `fn` in one short transaction as `app_user`. Rolls back when it throws. Throws AppError('unavailable') past the deadline. */
  tx<T>(fn: (tx: TenantTx) => Promise<T>, options?: { readonly timeoutMs?: number }): Promise<T>
}

import { drizzleOver } from './client/drizzle-over.ts'
import type { RunQuery } from './client/transaction.ts'
import * as schema from './schema/index.ts'
import { tenantTx, type TenantTx } from './tenant.ts'

interface Buildable<Rows> {
  prepare(name: string): { execute(values: Record<string, unknown>): Promise<Rows> }
}

/**
 * Where a transaction keeps what runs its statements. On the transaction and not in a table beside it: a bundler may load
 * this module twice in one process, and who makes transactions is then not who runs queries in them.
 */
const runQuery = Symbol.for('quarry.runQuery')

/** The transaction that a built query is being started in: set and taken away in one synchronous step. */
let startingIn: RunQuery | undefined

/** Drizzle that is in no transaction of its own, for building. Refuses whatever is not started by `builtQuery`. */
const builder: TenantTx = Object.assign(
  drizzleOver(schema)((text, params, shape) =>
    startingIn === undefined
      ? Promise.reject(new Error('a built query ran outside of a transaction'))
      : startingIn(text, params, shape),
  ),
  { [tenantTx]: true as const },
)

/** For whoever makes a TenantTx: built queries can then be run in it. */
export const acceptBuiltQueries = (tx: TenantTx, query: RunQuery): TenantTx => Object.assign(tx, { [runQuery]: query })

const queryOf = (tx: TenantTx & { readonly [runQuery]?: RunQuery }): RunQuery | undefined =>
  // What was only derived from a transaction is none.
  Object.hasOwn(tx, runQuery) ? tx[runQuery] : undefined

/**
 * A query that Drizzle builds once for each of its shapes (which filters are set), with `sql.placeholder` where values
 * come, and that is run in many transactions: to build the SQL of a list takes as long as to read its rows.
 */
export const builtQuery = <Rows>() => {
  const built = new Map<string, ReturnType<Buildable<Rows>['prepare']>>()
  return (
    tx: TenantTx,
    shape: string,
    build: (tx: TenantTx) => Buildable<Rows>,
    values: Record<string, unknown>,
  ): Promise<Rows> => {
    const query = built.get(shape) ?? build(builder).prepare('')
    built.set(shape, query)
    startingIn = queryOf(tx)
    try {
      return query.execute(values)
    } finally {
      startingIn = undefined
    }
  }
}

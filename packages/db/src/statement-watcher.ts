import type { RunQuery } from './client/transaction.ts'

/** What a transaction or a single call sends. The values are tenants' texts: never log them, never keep them. */
export interface WatchedStatement {
  readonly text: string
  readonly params: readonly unknown[]
  /** The one with which a transaction begins; it has been sent already, in the same packet as `begin`. */
  readonly entrance: boolean
}

/**
 * Stands between the product and its statements: for metrics, and for the tests and benchmarks that count them or look
 * at their plans. Sends the statement by calling `run`, whose rows it returns. `ask` sends another one before or after
 * it, on the same connection and in the same transaction.
 */
export type StatementWatcher = (
  statement: WatchedStatement,
  run: () => Promise<unknown[]>,
  ask: RunQuery,
) => Promise<unknown[]>

/** `query`, watched; itself where nobody watches. */
export const watchedQuery = (query: RunQuery, watch: StatementWatcher | undefined): RunQuery =>
  watch === undefined
    ? query
    : (text, params, shape) =>
        watch({ text, params: [...params], entrance: false }, () => query(text, params, shape), query)

/** One kind of statement, without values: equal for lists of different lengths. */
export const statementKind = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\$\d+/g, '?')
    .replaceAll(/\((?:\?(?:::\w+)?(?:, )?)+\)/g, '(?)')
    .replaceAll(
      /(\((?:\?|default|null|now\(\))(?:, (?:\?|default|null|now\(\)))*\))(?:, \((?:\?|default|null|now\(\))(?:, (?:\?|default|null|now\(\)))*\))+/g,
      '$1',
    )
    .trim()

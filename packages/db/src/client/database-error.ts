import { DrizzleQueryError } from 'drizzle-orm/errors'
import postgres from 'postgres'
import { AppError } from '@quarry/contracts'

/** A statement's name is unknown, or taken: the session is not the one that named it. */
const POOLER_UNKNOWN = /^(?:26000|42P05)$/
const POOLER_HINT =
  ' (if DATABASE_URL leads to a transaction pooler, set DATABASE_POOLER=transaction and DATABASE_DIRECT_URL)'

const isDatabaseError = Symbol.for('quarry.DatabaseError')

/**
 * What the database refused. Carries no parameter and no row, unlike the errors of the driver and of Drizzle, whose
 * texts repeat both: document text and password hashes must not reach a log.
 */
export class DatabaseError extends Error {
  /** A bundler may load this module twice in one process: what either copy threw is meant. */
  static override [Symbol.hasInstance](value: unknown): value is DatabaseError {
    return typeof value === 'object' && value !== null && isDatabaseError in value
  }
  readonly [isDatabaseError] = true
  /** SQLSTATE, e.g. 23505. */
  readonly code: string
  readonly constraint: string | undefined
  readonly table: string | undefined
  constructor(error: postgres.PostgresError) {
    super(`${error.code}: ${error.message}${POOLER_UNKNOWN.test(error.code) ? POOLER_HINT : ''}`)
    this.name = 'DatabaseError'
    this.code = error.code
    this.constraint = error.constraint_name
    this.table = error.table_name
  }
}

/**
 * SQLSTATEs (PostgreSQL manual, appendix A) that say "not now" rather than "not this": connection exceptions, too many
 * connections, deadline, lock timeout, shutdown, start-up, read-only after a failover, deadlock, serialisation.
 */
const NOT_NOW = /^(?:08...|53...|57P0[1-5]|57014|55P03|25P03|25006|40001|40P01)$/

/** After one of these the connection is of no more use: it leads to a server that is going, or to a replica. */
const CONNECTION_IS_BAD = /^(?:08...|57P0[1-5]|25P03|25006)$/

const sqlStateOf = (error: unknown): string | undefined => {
  const cause = causeOf(error)
  return cause instanceof postgres.PostgresError ? cause.code : undefined
}

export const spoilsConnection = (error: unknown): boolean => CONNECTION_IS_BAD.test(sqlStateOf(error) ?? '')

const causeOf = (error: unknown): unknown => (error instanceof DrizzleQueryError ? (error.cause ?? error) : error)

/**
 * What the caller of a transaction gets: its own errors unchanged; the database's as AppError('unavailable') where
 * trying again can help, else as DatabaseError. `connectionEnded`: whatever else it was, the connection was lost.
 */
export const translateError = (error: unknown, connectionEnded: boolean): unknown => {
  const cause = causeOf(error)
  if (cause instanceof AppError) return cause
  if (cause instanceof postgres.PostgresError) {
    const refused = new DatabaseError(cause)
    return NOT_NOW.test(cause.code) ? new AppError('unavailable', { cause: refused }) : refused
  }
  if (!connectionEnded || !(isNetworkError(cause) || error instanceof DrizzleQueryError)) return cause
  return new AppError('unavailable', { cause: new Error(cause instanceof Error ? cause.message : 'connection lost') })
}

/** The driver's and Node's own: ECONNREFUSED, CONNECTION_CLOSED, CONNECT_TIMEOUT … */
const isNetworkError = (error: unknown): boolean =>
  error instanceof Error &&
  ('syscall' in error || ('code' in error && typeof error.code === 'string' && error.code.startsWith('CONNECT')))

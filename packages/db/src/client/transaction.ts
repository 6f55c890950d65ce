import { AppError } from '@quarry/contracts'
import type { Connection, RowShape } from './connection.ts'
import { spoilsConnection, translateError } from './database-error.ts'
import { isFrequent } from './frequent-statements.ts'
import type { ConnectionPool } from './pool.ts'

export type RunQuery = (text: string, params: readonly unknown[], shape: RowShape) => Promise<unknown[]>

export interface Entrance {
  /** A fixed statement that sets the role and whose rows it may see, until the end of the transaction. */
  readonly text: string
  readonly params: readonly unknown[]
}

/** The server gets this much longer than the caller's own deadline before it gives up by itself. */
export const SERVER_SLACK_MS = 500
/** Who got a connection has a third of his time left for using it: cut too soon, it would be missing to the others. */
const WAIT_SHARE = 2 / 3
/** A server that does not answer a rollback is gone. */
const ROLLBACK_MS = 1_000

/**
 * Runs `work` in one transaction on a connection of its own. The deadline covers everything, the wait for a connection
 * too: past it the connection is cut and the caller gets AppError('unavailable'). When the transaction is over its `query`
 * refuses: a branch of `work` that is still running cannot reach the next caller's transaction.
 *
 * What can be sent together is sent together: the first statement leaves with the entrance, and where somebody waits for
 * the connection his entrance leaves with this commit.
 */
export const runTransaction = async <T>(
  pool: ConnectionPool,
  entranceWithin: (leftMs: number) => Entrance,
  timeoutMs: number,
  work: (query: RunQuery) => Promise<T>,
): Promise<T> => {
  const started = performance.now()
  const connection = await pool.acquire(timeoutMs * WAIT_SHARE)
  let over = false
  const query: RunQuery = (text, params, shape) =>
    over
      ? Promise.reject(new Error('the transaction is over'))
      : connection.query(text, params, shape, isFrequent(text))
  let failed = true
  let handedOn = false
  try {
    const result = await withDeadline(connection, started, timeoutMs, async () => {
      const entered = begin(connection, entranceWithin(leftOf(started, timeoutMs)))
      // Where there is no transaction, what is still to be sent would be committed by itself.
      entered.catch(() => {
        over = true
      })
      const value = await afterEntrance(entered, work(query))
      over = true
      const committed = connection.query('commit', [], 'rows')
      handedOn = pool.handOn(connection)
      const { command } = await committed
      // Postgres answers the commit of a failed transaction with ROLLBACK, and no error.
      if (command === 'ROLLBACK') throw new Error('a statement failed, so nothing was committed')
      return value
    })
    failed = false
    return result
  } catch (error) {
    over = true
    const lost = connection.ended
    if (spoilsConnection(error)) connection.destroy()
    throw translateError(error, lost)
  } finally {
    // From its commit on a connection that was handed on is the next one's.
    if (!handedOn) {
      if (failed) await rollBack(connection)
      pool.release(connection)
    }
  }
}

/** One statement outside a transaction, with the same deadline. */
export const runStatement = async (
  pool: ConnectionPool,
  timeoutMs: number,
  text: string,
  params: readonly unknown[],
  shape: RowShape,
): Promise<unknown[]> => {
  const started = performance.now()
  const connection = await pool.acquire(timeoutMs * WAIT_SHARE)
  try {
    return await withDeadline(connection, started, timeoutMs, () =>
      connection.query(text, params, shape, isFrequent(text)),
    )
  } catch (error) {
    const lost = connection.ended
    if (spoilsConnection(error)) connection.destroy()
    throw translateError(error, lost)
  } finally {
    pool.release(connection)
  }
}

/**
 * If `begin` fails the entrance fails too, or does nothing that lasts; if the entrance fails, so does every statement
 * after it, in a transaction that is aborted. After either nothing more is sent.
 */
const begin = async (connection: Connection, entrance: Entrance): Promise<void> => {
  const began = connection.query('begin', [], 'rows')
  const entered = connection.query(entrance.text, entrance.params, 'arrays', true)
  await Promise.all([began, entered])
}

/** What came of `work`, unless the entrance failed: then why it did, and not what followed from it. */
const afterEntrance = async <T>(entered: Promise<void>, working: Promise<T>): Promise<T> => {
  const [entry, outcome] = await Promise.allSettled([entered, working])
  if (entry.status === 'rejected') throw entry.reason
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value
}

const rollBack = async (connection: Connection): Promise<void> => {
  if (connection.ended) return
  try {
    await withDeadline(connection, performance.now(), ROLLBACK_MS, () => connection.query('rollback', [], 'rows'))
  } catch {
    connection.destroy()
  }
}

/** Whole milliseconds. */
const leftOf = (started: number, timeoutMs: number): number =>
  Math.max(0, Math.ceil(timeoutMs - (performance.now() - started)))

/** PGlite knows no statement_timeout, and a server behind a dead network cannot tell: so the deadline is ours. */
const withDeadline = async <T>(
  connection: Connection,
  started: number,
  timeoutMs: number,
  run: () => Promise<T>,
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => {
        connection.destroy()
        reject(new AppError('unavailable', { cause: new Error(`no answer from the database in ${timeoutMs} ms`) }))
      },
      leftOf(started, timeoutMs),
    )
  })
  try {
    return await Promise.race([run(), expired])
  } finally {
    clearTimeout(timer)
  }
}

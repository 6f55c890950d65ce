import type { DatabaseAdapter } from '@quarry/config'
import type { OrgId } from '@quarry/contracts'
import { Connection } from '../client/connection.ts'
import { translateError } from '../client/database-error.ts'
import type { RunQuery } from '../client/transaction.ts'

/** A checksum over millions of rows takes minutes on a small machine; a statement that takes longer hangs. */
const STATEMENT_MS = 30 * 60_000

/** Everything that has an influence on how PostgreSQL writes a value. */
const SAME_TEXT = `select set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, MDY', true),
  set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true),
  set_config('bytea_output', 'hex', true), set_config('statement_timeout', '${STATEMENT_MS}', true)`

/** As the system in one organisation: what its policies show to a job. */
const ENTER = `select app_enter($1::uuid, 'system', null, 'owner', ${STATEMENT_MS})`

const NO_LONGER_ENTERED = `select set_config('role', 'none', true)`

/**
 * One connection of its own, for reading or writing an installation as a whole: as `login` what is nobody's, as the
 * system actor what is an organisation's. Nothing goes round row-level security.
 */
export class CopySession {
  readonly #connection: Connection
  /** One transaction for everything: what others write meanwhile is not seen. */
  readonly #isSnapshot: boolean

  private constructor(connection: Connection, isSnapshot: boolean) {
    this.#connection = connection
    this.#isSnapshot = isSnapshot
  }

  /** Each `run` is a short transaction of its own. */
  static async open(adapter: DatabaseAdapter): Promise<CopySession> {
    return new CopySession(await connect(adapter), false)
  }

  /**
   * All of it sees the database as it is now, while others go on writing. For PostgreSQL: the embedded database has one
   * session, so that everybody else would wait until the end.
   */
  static async openSnapshot(adapter: DatabaseAdapter & { kind: 'postgres' }): Promise<CopySession> {
    const session = new CopySession(await connect(adapter), true)
    await session.#guarded(async (query) => {
      await query('begin isolation level repeatable read read only', [], 'rows')
      await query(SAME_TEXT, [], 'arrays')
      // Between two reads it waits for the disk or the network of the other side.
      await query(`select set_config('idle_in_transaction_session_timeout', '0', true)`, [], 'arrays')
    })
    return session
  }

  /** Runs `work` in an organisation, or as `login` when it is null. `before` runs as `login` in the same transaction. */
  async run<T>(
    orgId: OrgId | null,
    work: (query: RunQuery) => Promise<T>,
    before?: (query: RunQuery) => Promise<void>,
  ): Promise<T> {
    return this.#guarded(async (query) => {
      try {
        await this.#enter(query, orgId, before)
        const result = await work(query)
        if (!this.#isSnapshot) await query('commit', [], 'arrays')
        return result
      } catch (error) {
        if (!this.#isSnapshot && !this.#connection.ended) await query('rollback', [], 'arrays').catch(() => {})
        throw error
      }
    })
  }

  /** What can leave in one packet does: a copy of many small tables is mostly round trips. */
  async #enter(query: RunQuery, orgId: OrgId | null, before?: (query: RunQuery) => Promise<void>): Promise<void> {
    const sent = this.#isSnapshot
      ? [query(NO_LONGER_ENTERED, [], 'arrays')]
      : [query('begin', [], 'arrays'), query(SAME_TEXT, [], 'arrays')]
    if (before !== undefined) {
      await Promise.all(sent)
      await before(query)
    }
    if (orgId !== null) sent.push(query(ENTER, [orgId], 'arrays'))
    await Promise.all(sent)
  }

  /** A failed statement ends a snapshot; the session is then of no more use. */
  close(): void {
    this.#connection.destroy()
  }

  async #guarded<T>(work: (query: RunQuery) => Promise<T>): Promise<T> {
    const connection = this.#connection
    try {
      return await work((text, params, shape) => connection.query(text, params, shape))
    } catch (error) {
      throw translateError(error, connection.ended)
    }
  }
}

const connect = (adapter: DatabaseAdapter): Promise<Connection> => Connection.open(adapter, 'quarry-transfer')

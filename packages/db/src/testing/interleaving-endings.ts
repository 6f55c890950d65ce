import { sql } from 'drizzle-orm'
import { newId, schema, type TenantTx } from '../index.ts'
import type { TestDatabase } from './index.ts'

export const EVERY_ENDING = [
  'a branch goes on: Error',
  'aborted in a statement: AbortError',
  'cancelled on the server: unavailable',
  'commits: done',
  'past its deadline: unavailable',
  'refused by a policy: DatabaseError',
  'rolls back to a savepoint: done',
  'swallows an error: DatabaseError',
  'throws: RangeError',
]

interface Ending {
  readonly name: string
  readonly timeoutMs: number
  run(tx: TenantTx, db: TestDatabase): Promise<unknown>
}

/** The usual ones take turns; those that cost a connection, or a moment, come once in eighty each. */
export const endingOf = (i: number): Ending => {
  if (i % 80 === 0) return PAST_DEADLINE
  if (i % 80 === 40) return CANCELLED
  return USUAL[(i * 13) % USUAL.length]!
}

const LONG_MS = 60_000
/** The deadline counts the wait for a connection: it must be met by the statement and not by that. */
const PAST_DEADLINE: Ending = {
  name: 'past its deadline',
  timeoutMs: 600,
  run: (tx) => tx.execute(sql`select pg_sleep(5)`),
}

const CANCELLED: Ending = {
  name: 'cancelled on the server',
  timeoutMs: LONG_MS,
  run: async (tx, { owner }) => {
    let running = true
    const statement = tx.execute(sql`select pg_sleep(30)`).finally(() => (running = false))
    statement.catch(() => {})
    while (running)
      await owner`
        select pg_cancel_backend(pid) from pg_stat_activity
        where query = 'select pg_sleep(30)' and state = 'active' and datname = current_database()`
    return statement
  },
}

const USUAL: readonly Ending[] = [
  { name: 'commits', timeoutMs: LONG_MS, run: () => Promise.resolve() },
  { name: 'throws', timeoutMs: LONG_MS, run: () => Promise.reject(new RangeError('a bug')) },
  {
    name: 'refused by a policy',
    timeoutMs: LONG_MS,
    run: (tx) => tx.insert(schema.collection).values({ orgId: newId(), id: newId(), name: 'x' }),
  },
  { name: 'swallows an error', timeoutMs: LONG_MS, run: (tx) => tx.execute(sql`select 1 / 0`).catch(() => {}) },
  {
    name: 'rolls back to a savepoint',
    timeoutMs: LONG_MS,
    run: async (tx) => {
      await tx.execute(sql`savepoint here`)
      await tx.execute(sql`select set_config('app.org_id', ${newId()}, true), 1 / 0`).catch(() => {})
      await tx.execute(sql`rollback to here`)
    },
  },
  {
    name: 'aborted in a statement',
    timeoutMs: LONG_MS,
    run: (tx) => {
      tx.execute(sql`select pg_sleep(0.01)`).catch(() => {})
      return Promise.reject(new DOMException('stopped', 'AbortError'))
    },
  },
  {
    name: 'a branch goes on',
    timeoutMs: LONG_MS,
    run: (tx) => {
      const branch = async () => {
        for (let i = 0; i < 20; i++) await tx.execute(sql`select 1`)
      }
      branch().catch(() => {})
      return Promise.reject(new Error('while a branch goes on'))
    },
  },
]

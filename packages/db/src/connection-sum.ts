import { sql } from 'drizzle-orm'
import type { Adapters } from '@quarry/config'
import { splitConnections } from './client/connection-budget.ts'
import type { Database } from './database.ts'

/** For the migration, a superuser's three, backups, and somebody who looks what is the matter. */
const KEPT_FREE = 10

export interface ConnectionSum {
  readonly ok: boolean
  /** What all processes may open together, and what the server lets them have. */
  readonly needed: number
  readonly allowed: number
  /** Both in a sentence, with what to do where it is too much. */
  readonly detail: string
}

/**
 * Whether the server has room for all web servers and workers at their largest. Asks it through `database`; throws
 * AppError('unavailable') where it does not answer. Behind a transaction pooler only the workers' queues count: the pooler
 * has its own limit towards the server, which it does not tell.
 */
export const connectionSum = async (
  database: Database,
  { database: adapter, databasePool, replicas }: Pick<Adapters, 'database' | 'databasePool' | 'replicas'>,
  queueRunners: number,
): Promise<ConnectionSum> => {
  if (adapter.kind === 'embedded')
    return { ok: true, needed: 0, allowed: 0, detail: 'the embedded database takes as many connections as there are' }
  const [row] = await database.auth.execute<{ most: number; ofRole: number; ofDatabase: number }>(sql`
    select current_setting('max_connections')::integer as most,
      (select rolconnlimit from pg_roles where rolname = session_user) as "ofRole",
      (select datconnlimit from pg_database where datname = current_database()) as "ofDatabase"`)
  const limits = [Number(row?.most) - KEPT_FREE, Number(row?.ofRole), Number(row?.ofDatabase)]
  // -1 is no limit.
  const allowed = Math.min(...limits.filter((limit, i) => i === 0 || limit >= 0))
  const pooled = (adapter.directUrl ?? null) !== null
  const needed = pooled
    ? replicas.worker * splitConnections(databasePool, queueRunners).queue
    : (replicas.web + replicas.worker) * databasePool.max
  const processes = pooled
    ? `the queues of ${counted(replicas.worker, 'worker')}`
    : `${counted(replicas.web, 'web server')} and ${counted(replicas.worker, 'worker')}`
  const sum = `${processes} open up to ${needed} connections; the server has ${allowed} for them`
  return needed <= allowed
    ? { ok: true, needed, allowed, detail: sum }
    : {
        ok: false,
        needed,
        allowed,
        detail: `${sum}: lower DB_POOL_SIZE, raise max_connections, or put PgBouncer between`,
      }
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

import type { PoolConfig } from 'pg'
import type { DatabaseAdapter } from '@quarry/config'
import { EMBEDDED_PORT, EMBEDDED_USER } from './address.ts'

/**
 * How graphile-worker's own pool connects: as `login`, in the role that owns the queue and has no right to any tenant
 * table. (On PGlite all is one user; give the runner `preparedStatements: false` there, its names would be shared.)
 */
export const queuePoolConfig = (adapter: DatabaseAdapter, max: number): PoolConfig =>
  adapter.kind === 'embedded'
    ? { host: adapter.socketDir, port: EMBEDDED_PORT, user: EMBEDDED_USER, database: EMBEDDED_USER, max }
    : { connectionString: adapter.url, options: '-c role=app_worker', max }

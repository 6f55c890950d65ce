import postgres from 'postgres'
import type { DatabaseAdapter } from '@quarry/config'
import { EMBEDDED_PORT, EMBEDDED_USER } from './address.ts'

/**
 * One connection as the owner of the database, for what happens once at each start, before there is a pool: so it is in
 * no process's budget. It locks and sets for its session, so it goes past a transaction pooler. The caller ends it.
 */
export const ownerClient = (adapter: DatabaseAdapter): postgres.Sql => {
  const options = { max: 1, prepare: false, fetch_types: false, onnotice: () => {}, connect_timeout: 10 } as const
  return adapter.kind === 'embedded'
    ? postgres({
        ...options,
        host: adapter.socketDir,
        port: EMBEDDED_PORT,
        user: EMBEDDED_USER,
        database: EMBEDDED_USER,
      })
    : postgres(adapter.ownerUrl ?? adapter.directUrl ?? adapter.url, options)
}

import {
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  type ExtractTablesWithRelations,
  type RelationalSchemaConfig,
} from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { PgRemoteDatabase, PgRemoteSession, type RemoteCallback } from 'drizzle-orm/pg-proxy'
import type { RunQuery } from './transaction.ts'

const dialect = new PgDialect()

/**
 * Drizzle over a function: it holds no connection, and cannot start a transaction of its own. What Drizzle derives from
 * the tables is derived once here, because there is a new one for each transaction.
 *
 * When a statement fails, Drizzle writes the parameters into the message of its error, from the very array that it
 * passes on: so they are taken out of it.
 */
export const drizzleOver = <S extends Record<string, unknown>>(
  tables: S,
): ((query: RunQuery) => PgRemoteDatabase<S>) => {
  const { tables: schema, tableNamesMap } = extractTablesRelationalConfig<ExtractTablesWithRelations<S>>(
    tables,
    createTableRelationsHelpers,
  )
  const config: RelationalSchemaConfig<ExtractTablesWithRelations<S>> = { fullSchema: tables, schema, tableNamesMap }
  return (query) => {
    const send: RemoteCallback = async (text, params: unknown[], method) => {
      try {
        return { rows: await query(text, params, method === 'all' ? 'arrays' : 'rows') }
      } catch (error) {
        params.fill('[withheld]')
        throw error
      }
    }
    return new PgRemoteDatabase<S>(dialect, new PgRemoteSession(send, dialect, config), config)
  }
}

export * as schema from './schema/index.ts'
export * as authSchema from './schema/auth.ts'
export * from './audit.ts'
export { builtQuery } from './built-query.ts'
export {
  deleteOutbox,
  pruneOutbox,
  readNewestOutbox,
  readOutbox,
  type OutboxRow,
  type SubjectVersion,
} from './cache-versions.ts'
export { DatabaseError } from './client/database-error.ts'
export { applicationName } from './client/application-name.ts'
export { splitConnections } from './client/connection-budget.ts'
export { openQueuePool } from './client/queue-pool.ts'
export { connectionSum, type ConnectionSum } from './connection-sum.ts'
export * from './database.ts'
export type { DatabaseObserver } from './database-observer.ts'
export { embeddingIndexName, ensureEmbeddingIndex, PARTITIONS } from './embedding-index.ts'
export * from './ids.ts'
export * from './installation.ts'
export * from './keyset.ts'
export * from './process-lease.ts'
export { deleteTenantRows, readTenantRows, type TenantRows } from './removal/tenant-rows.ts'
export { readDatabaseReadiness, type DatabaseReadiness } from './readiness.ts'
export * from './signals.ts'
export { refreshStatistics } from './statistics.ts'
export { fixedText } from './client/frequent-statements.ts'
export { statementName } from './statement-name.ts'
export { statementKind, type StatementWatcher, type WatchedStatement } from './statement-watcher.ts'
export type { SystemTx, TenantDb, TenantTx } from './tenant.ts'

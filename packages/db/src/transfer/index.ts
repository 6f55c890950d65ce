export { addRows, isSame, NO_ROWS, type RowSum } from './checksum.ts'
export type { CopyColumn, CopyTable } from './copy-table.ts'
export { appliedMigrations, knownMigrations, schemaAge, type SchemaAge } from './migrations-applied.ts'
export {
  readBatch,
  readOrganisations,
  readSequences,
  readTables,
  scopesOf,
  sumOfTable,
  type RowBatch,
} from './row-reader.ts'
export {
  beginTarget,
  emptyBook,
  emptyTarget,
  finishTarget,
  isHeldByPolicies,
  NOTHING_WRITTEN,
  otherQuarries,
  readProgress,
  readTargetState,
  writeBatch,
  type Progress,
  type ProgressBook,
  type TargetState,
} from './row-writer.ts'
export { CopySession } from './session.ts'
export { TREATMENT } from './treatment.ts'

export * from './conversation-factory.ts'
export * from './document-factory.ts'
export * from './tenant-factory.ts'
export * from './test-database.ts'

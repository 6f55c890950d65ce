export * as schema from './schema/index.ts'
export type * from './tenant.ts'

export type * from './run-log.ts'
export type * from './signals.ts'

export * from './memory-run-log.ts'
export * from './polled-signals.ts'
export type * from './run-log.ts'
export type * from './signals.ts'

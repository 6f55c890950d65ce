export { FLAGS, isOnFor, switchedFlags, type FlagName } from '@quarry/cache'
export { atDesk, type Desk, type FlagChange, type LimitChange, type Organisation } from './desk.ts'
export { withRunningDatabase } from './while-it-runs.ts'
export { reasonOf, TransferRefusal } from '../transfer/refusal.ts'

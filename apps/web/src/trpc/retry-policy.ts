import type { AppErrorShape } from '@quarry/contracts'

/** What is known of a call that may be made again. */
export interface RetriedCall {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly path: string
  /** How long it has waited already, ms. */
  readonly waitedMs: number
}

/**
 * Changes that nobody minds a minute later: they carry a key, or say how something is to be, and what was refused by a
 * limit has not happened. Any other waits for moments only, so that nothing happens behind somebody's back.
 */
const PATIENT = new Set([
  'chat.send',
  'chat.continue',
  'chat.stop',
  'documents.createMany',
  'documents.complete',
  'feedback.set',
])
/** Of those, what may safely be sent twice: where a server broke off, the first one may have arrived. */
const REPEATABLE = new Set(['chat.send', 'chat.continue', 'chat.stop', 'feedback.set'])

/** A limit of an hour gives a token back in seconds; who has to wait longer than this is better told. */
const LONGEST_LIMIT_MS = 15 * 60_000
/** A change that somebody is waiting for in front of the screen. */
const LONGEST_MOMENT_MS = 10_000
/** A restart takes seconds. After half a minute somebody should know that it is more than that. */
const LONGEST_TROUBLE_MS = 30_000
/** A server that does not say: as `Retry-After` of these errors. */
const DEFAULT_MS = 2_000

/** How much later at most than the server says, so that those who wait do not all come at once. */
const spreadMs = (ms: number): number => Math.min(1_000, 200 + ms / 10)

/** Whether the operator has switched off what was asked for: asking again does not help. */
export const isSwitchedOff = (app: AppErrorShape): boolean => app.details?.['switchedOff'] !== undefined

/**
 * How long a refused call waits before it is made again, ms; null: somebody has to be told. `random` from 0 to 1.
 */
export const waitBeforeRetry = (
  app: AppErrorShape,
  { type, path, waitedMs }: RetriedCall,
  random: () => number = Math.random,
): number | null => {
  const longestMs = longestWait(app, type, path)
  if (longestMs === null) return null
  const said = app.details?.['retryAfterSeconds']
  const ms = typeof said === 'number' ? said * 1000 : DEFAULT_MS
  return waitedMs + ms > longestMs ? null : ms + random() * spreadMs(ms)
}

const longestWait = (app: AppErrorShape, type: RetriedCall['type'], path: string): number | null => {
  if (type === 'subscription' || isSwitchedOff(app)) return null
  if (app.code === 'rate_limited') return type === 'query' || PATIENT.has(path) ? LONGEST_LIMIT_MS : LONGEST_MOMENT_MS
  if (app.code === 'unavailable') return type === 'query' || REPEATABLE.has(path) ? LONGEST_TROUBLE_MS : null
  return null
}

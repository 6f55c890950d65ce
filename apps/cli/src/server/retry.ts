import { setTimeout as delay } from 'node:timers/promises'
import { appErrorOf, isTransient, retryAfterMs } from './errors.ts'

/** A restarting server is back within seconds; after a minute somebody has to look at it. */
const GIVE_UP_AFTER_MS = 60_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 4000

/**
 * Repeats a call through a restart of the server or a drop of the network, with a growing, jittered pause, or as long a
 * one as the server asks for. Only for calls that may safely happen twice. Other errors, limits (for which the connection
 * has waited already) and the last error after a minute are thrown as they are.
 */
export const withRetry = async <T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  const start = performance.now()
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call()
    } catch (error) {
      const app = appErrorOf(error)
      if (signal.aborted || app?.code === 'rate_limited' || !isTransient(error)) throw error
      const saidMs = app === null ? 0 : retryAfterMs(app)
      const waitMs = Math.max(saidMs, pauseMs * (0.5 + Math.random()))
      if (performance.now() - start + waitMs > GIVE_UP_AFTER_MS) throw error
      await delay(waitMs, undefined, { signal })
    }
  }
}

import type { AppErrorShape } from '@quarry/contracts'
import { appErrorOf } from '../../trpc/api-error.ts'
import { pauses } from '../../trpc/pauses.ts'
import { UploadInterrupted } from './send-bytes.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** Three files wait at once, each for the same limit. */
const SPREAD_MS = 500

/**
 * Waits longer after each failure, up to 15 s, or until the browser says that it is online again; where the server said
 * how long, for that.
 */
export const recovered = (failures: number, signal: AbortSignal, error: unknown): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = new AbortController()
    const settle = (finish: () => void) => {
      leave()
      stop.abort()
      finish()
    }
    const refusal = refusalOf(error)
    const said = refusal?.code === 'rate_limited' ? refusal.details?.['retryAfterSeconds'] : undefined
    const goOn = () => settle(resolve)
    const leave =
      refusal !== null && typeof said === 'number'
        ? pauses.wait(refusal.message, said * 1000 + Math.random() * SPREAD_MS, goOn)
        : waitQuietly(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)), goOn)
    // A limit is the same online and off.
    if (said === undefined) window.addEventListener('online', goOn, { signal: stop.signal })
    signal.addEventListener('abort', () => settle(() => reject(signal.reason as Error)), { signal: stop.signal })
  })

const refusalOf = (error: unknown): AppErrorShape | null =>
  error instanceof UploadInterrupted ? error.refusal : appErrorOf(error)

const waitQuietly = (ms: number, goOn: () => void): (() => void) => {
  const timer = setTimeout(goOn, ms)
  return () => clearTimeout(timer)
}

import { isShape } from './api-error.ts'
import type { Pauses } from './pauses.ts'
import { waitBeforeRetry } from './retry-policy.ts'

/** A stream that ends sooner than this has not worked: the next attempt waits. */
const WORKED_MS = 5_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000

export type StreamFetch = (url: string | URL, init: RequestInit) => Promise<Response>

/**
 * The requests of one EventSource. Where a limit refuses a stream, it waits as long as the server says, and shows that
 * it does; a native EventSource learns nothing of the answer that refused it. A stream that the server ends after its
 * minute is opened again at once, one that fails in growing pauses, so that not all browsers come back together.
 */
export const createStreamFetch = (
  pauses: Pauses,
  { request = fetch, random = Math.random }: { request?: StreamFetch; random?: () => number } = {},
): StreamFetch => {
  let failures = 0
  let openedAt: number | null = null
  return async (url, init) => {
    const signal = init.signal ?? new AbortController().signal
    if (openedAt !== null) failures = performance.now() - openedAt < WORKED_MS ? failures + 1 : 0
    openedAt = null
    if (failures > 0) {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
      await waiting(signal, (goOn) => {
        const timer = setTimeout(goOn, pauseMs * (0.5 + random()))
        return () => clearTimeout(timer)
      })
    }
    for (let waitedMs = 0; ;) {
      const response = await request(url, init).catch((error: unknown) => {
        failures++
        throw error
      })
      openedAt = response.ok ? performance.now() : null
      const refusal = response.status === 429 ? refusalIn(await response.json().catch(() => null)) : null
      const ms = refusal && waitBeforeRetry(refusal, { type: 'query', path: 'stream', waitedMs }, random)
      if (refusal === null || ms === null) return response
      waitedMs += ms
      await waiting(signal, (goOn) => pauses.wait(refusal.message, ms, goOn))
    }
  }
}

/** Until `start` calls back; throws as soon as `signal` aborts, and undoes what was started. */
const waiting = (signal: AbortSignal, start: (goOn: () => void) => () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = () => {
      undo()
      reject(new DOMException('nobody waits any more', 'AbortError'))
    }
    const undo = start(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })

const refusalIn = (body: unknown) => {
  const found = at(at(at(body, 'error'), 'data'), 'app')
  return isShape(found) ? found : null
}
const at = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

import type { CachedReads, Signals } from '@quarry/cache'
import type { OrgId } from '@quarry/contracts'

/** For so long after the last read its changes are listened for: longer than what was read counts without looking again. */
const HEED_MS = 5_000

export interface HeededSignals extends Signals {
  /** What is kept of this organisation is being read: its signals are heard for a while, by nobody else if need be. */
  readonly heed: (orgId: OrgId) => void
}

/** The same signals; before anybody hears one, the cache is told that something of the organisation has changed. */
export const heedSignals = (signals: Signals, cache: Pick<CachedReads, 'touched'>): HeededSignals => {
  const heeded = new Map<OrgId, NodeJS.Timeout>()
  const subscribe: Signals['subscribe'] = (orgId, listener) =>
    signals.subscribe(orgId, (signal) => {
      cache.touched(signal.topic === 'access' ? [orgId, signal.subjectId] : [orgId])
      listener(signal)
    })
  return {
    subscribe,
    heed: (orgId) => {
      const timer = heeded.get(orgId)
      if (timer) return void timer.refresh()
      const unsubscribe = subscribe(orgId, () => undefined)
      const forget = () => {
        unsubscribe()
        heeded.delete(orgId)
      }
      heeded.set(orgId, setTimeout(forget, HEED_MS).unref())
    },
    close: () => {
      for (const timer of heeded.values()) clearTimeout(timer)
      heeded.clear()
      return signals.close()
    },
  }
}

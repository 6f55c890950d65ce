import type { FeedEvent } from '@quarry/contracts'

export interface FeedSource {
  /** Opens the server's stream; the returned function closes it. */
  subscribe: (listeners: FeedListeners) => () => void
}

export interface FeedListeners {
  onEvent: (event: FeedEvent) => void
  /** Events may have been missed: read everything again. */
  onGap: () => void
}

/** The name of a person's feed in one workspace, which all of their tabs share. */
export const feedNameOf = (me: { organisation: { id: string }; email: string | null; name: string }): string =>
  `quarry-feed:${me.organisation.id}:${me.email ?? me.name}`

type Wire = { kind: 'event'; event: FeedEvent } | { kind: 'gap' }

/** To every other tab that shares the feed: read again who is signed in, and all else. */
export const announceGap = (name: string): void => {
  const channel = new BroadcastChannel(name)
  channel.postMessage({ kind: 'gap' } satisfies Wire)
  channel.close()
}

/**
 * One stream from the server for all tabs of a browser (HTTP/1.1 allows six connections a host). The tab that holds
 * the lock reads the stream and passes it on; when it closes or crashes, another takes the lock and tells all to read
 * again. A page that the browser freezes, or keeps to go back to, gives up the lock and asks for it anew when it runs
 * again. Where the browser has no Web Locks (plain http on another host), each tab has a stream of its own.
 */
export const openSharedFeed = (name: string, source: FeedSource, listeners: FeedListeners): (() => void) => {
  if (typeof navigator === 'undefined' || navigator.locks === undefined) return source.subscribe(listeners)

  const channel = new BroadcastChannel(name)
  let stepDown: (() => void) | undefined

  const deliver = (wire: Wire) => (wire.kind === 'event' ? listeners.onEvent(wire.event) : listeners.onGap())
  const announce = (wire: Wire) => {
    deliver(wire)
    channel.postMessage(wire)
  }
  channel.addEventListener('message', ({ data }: MessageEvent<Wire>) => deliver(data))

  const stand = () => {
    if (stepDown !== undefined) return
    const released = Promise.withResolvers<void>()
    const waiting = new AbortController()
    const askedAt = performance.now()
    let close: (() => void) | undefined
    const lead = async () => {
      if (waiting.signal.aborted) return
      close = source.subscribe({
        onEvent: (event) => announce({ kind: 'event', event }),
        onGap: () => announce({ kind: 'gap' }),
      })
      // A lock that was free is granted within a few ms; after that another tab led before, and its last events are lost.
      if (performance.now() - askedAt > 1000) announce({ kind: 'gap' })
      await released.promise
    }
    navigator.locks.request(name, { signal: waiting.signal }, lead).catch(() => {
      // Aborted while waiting for the lock: this tab never led.
    })
    stepDown = () => {
      stepDown = undefined
      close?.()
      released.resolve()
      waiting.abort()
    }
  }
  const sleep = () => stepDown?.()
  const wakeUp = () => {
    if (stepDown !== undefined) return
    stand()
    // Messages of other tabs did not reach it meanwhile.
    listeners.onGap()
  }
  stand()
  document.addEventListener('freeze', sleep)
  document.addEventListener('resume', wakeUp)
  window.addEventListener('pagehide', sleep)
  window.addEventListener('pageshow', wakeUp)

  return () => {
    document.removeEventListener('freeze', sleep)
    document.removeEventListener('resume', wakeUp)
    window.removeEventListener('pagehide', sleep)
    window.removeEventListener('pageshow', wakeUp)
    stepDown?.()
    channel.close()
  }
}

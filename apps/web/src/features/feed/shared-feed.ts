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

type Wire = { kind: 'event'; event: FeedEvent } | { kind: 'gap' }

/**
 * One stream from the server for all tabs of a browser (HTTP/1.1 allows six connections a host). The tab that holds
 * the lock reads the stream and passes it on; when it closes, another takes the lock and tells all to read again.
 * Where the browser has no Web Locks (plain http on another host), each tab has a stream of its own.
 */
export const openSharedFeed = (name: string, source: FeedSource, listeners: FeedListeners): (() => void) => {
  if (typeof navigator === 'undefined' || navigator.locks === undefined) return source.subscribe(listeners)

  const channel = new BroadcastChannel(name)
  const released = Promise.withResolvers<void>()
  const abort = new AbortController()
  const startedAt = performance.now()
  let close: (() => void) | undefined

  const deliver = (wire: Wire) => (wire.kind === 'event' ? listeners.onEvent(wire.event) : listeners.onGap())
  const announce = (wire: Wire) => {
    deliver(wire)
    channel.postMessage(wire)
  }
  channel.addEventListener('message', ({ data }: MessageEvent<Wire>) => deliver(data))

  const lead = async () => {
    close = source.subscribe({
      onEvent: (event) => announce({ kind: 'event', event }),
      onGap: () => announce({ kind: 'gap' }),
    })
    // A lock that was free is granted within a few ms; after that another tab led before, and its last events are lost.
    if (performance.now() - startedAt > 1000) announce({ kind: 'gap' })
    await released.promise
  }
  navigator.locks.request(name, { signal: abort.signal }, lead).catch(() => {
    // Aborted while waiting for the lock: this tab never led.
  })

  return () => {
    close?.()
    released.resolve()
    abort.abort()
    channel.close()
  }
}

import { appErrorOf } from '../../trpc/api-error.ts'
import type { ApiClient } from '../../trpc/client.ts'
import type { FeedListeners } from './shared-feed.ts'

/** Between a stream that the server closed and the next: it closes them all when it restarts. */
const REOPEN_MS = 1000

/**
 * The live feed, kept open. It tells only of what happens from now on, so each time that it was away is a gap: the
 * server ends every stream after about a minute, to look at the session again.
 */
export const openFeedStream = (client: ApiClient, { onEvent, onGap }: FeedListeners): (() => void) => {
  let closed = false
  let wasAway = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let subscription: { unsubscribe: () => void } | undefined

  const reopen = () => {
    wasAway = true
    subscription?.unsubscribe()
    clearTimeout(timer)
    if (!closed) timer = setTimeout(open, REOPEN_MS)
  }
  const open = () => {
    subscription = client.feed.stream.subscribe(
      {},
      {
        onData: ({ data }) => onEvent(data),
        onConnectionStateChange: ({ state, error }) => {
          if (state === 'connecting' && error !== null) {
            wasAway = true
            // In words of the server's: what one may see has changed, some seconds before the stream is open again.
            if (appErrorOf(error) !== null) onGap()
          }
          if (state === 'pending' && wasAway) {
            wasAway = false
            onGap()
          }
        },
        onComplete: reopen,
        onError: (error) => {
          // Everything read again says who is signed in now, and where.
          if (appErrorOf(error)?.code === 'unauthenticated') onGap()
          else reopen()
        },
      },
    )
  }
  open()
  return () => {
    closed = true
    clearTimeout(timer)
    subscription?.unsubscribe()
  }
}

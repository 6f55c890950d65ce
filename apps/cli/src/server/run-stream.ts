import { setTimeout as delay } from 'node:timers/promises'
import type { RunEvent, RunId } from '@quarry/contracts'
import { CommandFailure } from '../failure.ts'
import type { ApiClient, Connection } from './connection.ts'
import { appErrorOf, explainFailure } from './errors.ts'

/** Reconnections without a single new event before the stream is given up. */
const MAX_IDLE_RECONNECTS = 10
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 4000

/**
 * The events of a run up to its `end`, each once and in order, through dropped connections and restarts of the server:
 * every reconnection goes on after the last event that was seen. Throws CommandFailure when the server stays away.
 */
export async function* followRun({ api, signal, credentials }: Connection, runId: RunId): AsyncGenerator<RunEvent> {
  let lastEventId: string | null = null
  let idleReconnects = 0
  for (;;) {
    let failure: unknown = null
    try {
      for await (const { id, event } of subscribe(api, runId, lastEventId, signal)) {
        lastEventId = id
        idleReconnects = 0
        // `move`: this replica is going away, and the rest is to be had from another.
        if (event.type === 'move') break
        yield event
        if (event.type === 'end') return
      }
    } catch (error) {
      failure = error
    }
    signal.throwIfAborted()
    if (failure !== null && isFinal(failure)) throw explainFailure(failure, credentials.url)
    idleReconnects += 1
    if (idleReconnects > MAX_IDLE_RECONNECTS) {
      throw new CommandFailure('The connection to the answer was lost. It may be complete in the browser.', {
        cause: failure,
      })
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (idleReconnects - 1), LONGEST_PAUSE_MS)
    await delay(pauseMs * (0.5 + Math.random()), undefined, { signal })
  }
}

const isFinal = (error: unknown): boolean => {
  const code = appErrorOf(error)?.code
  return code === 'unauthenticated' || code === 'forbidden' || code === 'not_found' || code === 'invalid_input'
}

interface Numbered {
  readonly id: string
  readonly event: RunEvent
}

/** One connection's events; the stream ends with the server's, and fails with what broke it. */
const subscribe = (
  api: ApiClient,
  runId: RunId,
  lastEventId: string | null,
  signal: AbortSignal,
): ReadableStream<Numbered> => {
  // One subscription may end more than once (`unsubscribe` reports an end, too); only the first one counts.
  let open = true
  let subscription: { unsubscribe(): void } | null = null
  return new ReadableStream<Numbered>({
    start(controller) {
      const end = (error: unknown): void => {
        if (!open) return
        open = false
        if (error === null) controller.close()
        else controller.error(error)
        subscription?.unsubscribe()
      }
      signal.addEventListener('abort', () => end(signal.reason), { once: true })
      const subscribed = api.chat.stream.subscribe(
        { runId, lastEventId },
        {
          onData: ({ id, data }) => {
            if (open) controller.enqueue({ id, event: data })
          },
          onError: end,
          onComplete: () => end(null),
          // By itself the link reconnects silently and for ever; a drop is ours to count.
          onConnectionStateChange: (change) => {
            if (change.state === 'connecting' && change.error) end(change.error)
          },
        },
      )
      subscription = subscribed
      if (!open) subscribed.unsubscribe()
    },
    cancel() {
      open = false
      subscription?.unsubscribe()
    },
  })
}

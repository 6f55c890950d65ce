'use client'

import type { Message, RunId } from '@quarry/contracts'
import { useSyncExternalStore } from 'react'
import { isPassing } from '../../trpc/api-error.ts'
import { type ApiClient, useTRPCClient } from '../../trpc/client.ts'
import { createRunStore, type OpenRunStream, type RunSnapshot, type RunStore } from './run-store.ts'
import { takeTurns } from './stream-slot.ts'

/** Runs that were followed in this tab. A handful a session; each holds one answer. */
const stores = new Map<RunId, RunStore>()

const openStream =
  (client: ApiClient, runId: RunId): OpenRunStream =>
  (lastEventId, callbacks) => {
    const follow = () => {
      const seen = lastEventId()
      const subscription = client.chat.stream.subscribe(
        { runId, lastEventId: seen === 0 ? null : String(seen) },
        {
          onData: ({ data }) => callbacks.onEvent(data),
          onConnectionStateChange: ({ state, error }) =>
            callbacks.onConnection(state !== 'connecting' || error === null),
          onComplete: callbacks.onClosed,
          onError: (error) => (isPassing(error) ? callbacks.onClosed() : callbacks.onRefused()),
        },
      )
      return () => subscription.unsubscribe()
    }
    return takeTurns({ follow })
  }

const visibility = {
  isHidden: () => document.visibilityState === 'hidden',
  subscribe: (listener: () => void) => {
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  },
}

const storeOf = (client: ApiClient, runId: RunId, { text, citations, steps }: Message): RunStore => {
  const known = stores.get(runId)
  if (known !== undefined) return known
  const created = createRunStore({ open: openStream(client, runId), before: { text, citations, steps }, visibility })
  stores.set(runId, created)
  return created
}

const followNone = () => () => undefined
const nothing = () => null

/**
 * Follows the run that writes a message from its first event, live; after a reload it shows what was there and goes on.
 * Null for a message that is not being written.
 */
export const useRun = (message: Message): RunSnapshot | null => {
  const client = useTRPCClient()
  const runId = message.state === 'streaming' ? message.runId : null
  const store = runId === null ? null : storeOf(client, runId, message)
  return useSyncExternalStore<RunSnapshot | null>(store?.subscribe ?? followNone, store?.get ?? nothing, nothing)
}

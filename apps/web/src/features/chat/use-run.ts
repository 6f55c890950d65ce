'use client'

import type { RunId } from '@quarry/contracts'
import { useSyncExternalStore } from 'react'
import { isPassing } from '../../trpc/api-error.ts'
import { type ApiClient, useTRPCClient } from '../../trpc/client.ts'
import { createRunStore, type OpenRunStream, type RunSnapshot, type RunStore } from './run-store.ts'

/** Runs that were followed in this tab. A handful a session; each holds one answer. */
const stores = new Map<RunId, RunStore>()

const openStream =
  (client: ApiClient, runId: RunId): OpenRunStream =>
  (lastEventId, callbacks) => {
    const subscription = client.chat.stream.subscribe(
      { runId, lastEventId: lastEventId === 0 ? null : String(lastEventId) },
      {
        onData: ({ data }) => callbacks.onEvent(data),
        onConnectionStateChange: ({ state, error }) => callbacks.onConnection(state !== 'connecting' || error === null),
        onComplete: callbacks.onClosed,
        onError: (error) => (isPassing(error) ? callbacks.onClosed() : callbacks.onRefused()),
      },
    )
    return () => subscription.unsubscribe()
  }

const storeOf = (client: ApiClient, runId: RunId): RunStore => {
  const known = stores.get(runId)
  if (known !== undefined) return known
  const created = createRunStore(openStream(client, runId))
  stores.set(runId, created)
  return created
}

const followNone = () => () => undefined
const nothing = () => null

/** Follows a run from its first event, live; after a reload it shows what was there and goes on. Null follows none. */
export const useRun = (runId: RunId | null): RunSnapshot | null => {
  const client = useTRPCClient()
  const store = runId === null ? null : storeOf(client, runId)
  return useSyncExternalStore<RunSnapshot | null>(store?.subscribe ?? followNone, store?.get ?? nothing, nothing)
}

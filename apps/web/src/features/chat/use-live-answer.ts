'use client'

import type { Message } from '@quarry/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTRPC } from '../../trpc/client.ts'
import { finishMessage } from './conversation-cache.ts'
import type { RunState } from './run-state.ts'
import { useRun } from './use-run.ts'

interface LiveAnswer {
  readonly message: Message
  readonly status: RunState['status']
  readonly connected: boolean
}

/** An answer as far as it is written; its end goes into the conversation. Null when it is not being written. */
export const useLiveAnswer = (message: Message): LiveAnswer | null => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { conversationId } = message
  const runId = message.state === 'streaming' ? message.runId : null
  const snapshot = useRun(message)

  useEffect(() => {
    if (runId === null || snapshot === null) return
    const { run, refused } = snapshot
    const key = trpc.conversations.get.infiniteQueryKey({ id: conversationId })
    if (run.end !== null) {
      queryClient.setQueryData(key, (view) => (view === undefined ? view : finishMessage(view, runId, run)))
      void queryClient.invalidateQueries(trpc.conversations.list.pathFilter())
    } else if (refused) {
      void queryClient.invalidateQueries({ queryKey: key }) // the log is gone: what is stored is what there is
    }
  }, [snapshot, runId, conversationId, queryClient, trpc])

  if (snapshot === null) return null
  const { run, connected } = snapshot
  return {
    message: { ...message, text: run.text, citations: [...run.citations], steps: [...run.steps], failure: run.failure },
    status: run.status,
    connected,
  }
}

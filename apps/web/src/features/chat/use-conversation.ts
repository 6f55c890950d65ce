'use client'

import type { ConversationId, Message, RunId } from '@quarry/contracts'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useTRPC } from '../../trpc/client.ts'
import { notifyProblem } from '../ui/toast.tsx'
import { viewOf } from './conversation-cache.ts'

const runningRun = (messages: readonly Message[]): RunId | null => {
  const last = messages.at(-1)
  return last?.state === 'streaming' ? last.runId : null
}

/** A conversation's messages and the answer that is being written in it, which Escape stops. */
export const useConversation = (conversationId: ConversationId | null) => {
  const trpc = useTRPC()
  const query = useInfiniteQuery(
    trpc.conversations.get.infiniteQueryOptions(
      // Disabled without an id, so the empty one is never sent.
      { id: conversationId ?? '' },
      { enabled: conversationId !== null, getNextPageParam: (page) => page.nextCursor },
    ),
  )
  const stopRun = useMutation(trpc.chat.stop.mutationOptions({ onError: notifyProblem })).mutate
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const view = useMemo(
    () => (conversationId === null || data === undefined ? undefined : viewOf(data)),
    [conversationId, data],
  )
  const runId = runningRun(view?.messages ?? [])

  useEffect(() => {
    if (runId === null) return undefined
    const onKeyDown = (event: KeyboardEvent) => {
      if (
        event.key === 'Escape' &&
        !event.defaultPrevented &&
        !event.isComposing && // it takes back what an input method proposes
        document.querySelector('[role=dialog],[role=alertdialog],[role=menu]') === null
      ) {
        stopRun({ runId })
      }
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [runId, stopRun])

  return {
    view,
    loading: conversationId !== null && query.isPending,
    error: conversationId === null ? null : query.error,
    /** Messages before the ones that are shown; undefined when these are all. */
    older:
      conversationId === null || !hasNextPage
        ? undefined
        : { loading: isFetchingNextPage, load: () => void fetchNextPage() },
    refetch: () => void query.refetch(),
    stop: runId === null ? undefined : () => stopRun({ runId }),
  }
}

'use client'

import type { CollectionId, ConversationId, DocumentId } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTRPC } from '../../trpc/client.ts'
import { appendExchange } from './conversation-cache.ts'
import { writeDraft } from './drafts.ts'
import { newIdempotencyKey } from './idempotency-key.ts'

/** A question that was submitted and is not yet confirmed by the server. */
export interface PendingQuestion {
  readonly text: string
  readonly collectionIds: readonly CollectionId[]
  readonly documentIds: readonly DocumentId[]
  readonly conversationId: ConversationId | null
  readonly idempotencyKey: string
}

/** Sends a question once: a second submit while one is under way does nothing, a retry repeats the same key. */
export const useSend = (conversationId: ConversationId | null) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [pending, setPending] = useState<PendingQuestion | null>(null)
  const underWay = useRef(false)
  const mounted = useRef(false)
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
    }
  }, [])
  const mutation = useMutation(trpc.chat.send.mutationOptions())

  const dispatch = async (question: PendingQuestion) => {
    if (underWay.current) return
    underWay.current = true
    setPending(question)
    try {
      const { text, collectionIds, documentIds, idempotencyKey } = question
      const sent = await mutation.mutateAsync({
        conversationId: question.conversationId,
        text,
        collectionIds: collectionIds.length === 0 ? null : [...collectionIds],
        documentIds: documentIds.length === 0 ? null : [...documentIds],
        idempotencyKey,
      })
      const key = trpc.conversations.get.infiniteQueryKey({ id: sent.conversationId })
      await queryClient.cancelQueries({ queryKey: key })
      queryClient.setQueryData(key, (view) => appendExchange(view, text, sent, new Date().toISOString()))
      // The History API changes the address at once; the screen is the same, so no page needs to be asked for. Somebody
      // who has gone elsewhere meanwhile stays there. The documents asked about stay in the address.
      if (question.conversationId === null && mounted.current && window.location.pathname === '/') {
        window.history.pushState(null, '', `/chat/${sent.conversationId}${window.location.search}`)
      }
      setPending(null)
      void queryClient.invalidateQueries(trpc.conversations.list.pathFilter())
    } catch {
      // Shown from `mutation.error`; the question stays in `pending` and can be sent again. Nobody there to see it
      // finds the question in the composer.
      if (!mounted.current) writeDraft(question.conversationId, question.text)
    } finally {
      underWay.current = false
    }
  }

  const visible = pending !== null && pending.conversationId === conversationId ? pending : null
  return {
    pending: visible,
    error: visible === null ? null : mutation.error,
    busy: mutation.isPending,
    send: (text: string, collectionIds: readonly CollectionId[], documentIds: readonly DocumentId[]) =>
      void dispatch({ text, collectionIds, documentIds, conversationId, idempotencyKey: newIdempotencyKey() }),
    retry: () => {
      if (pending !== null) void dispatch(pending)
    },
  }
}

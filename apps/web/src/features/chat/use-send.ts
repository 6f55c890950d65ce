'use client'

import type { CollectionId, ConversationId, DocumentId, SendInput } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTRPC } from '../../trpc/client.ts'
import { appendExchange } from './conversation-cache.ts'
import { writeDraft } from './drafts.ts'
import { newIdempotencyKey } from './idempotency-key.ts'
import { forgetUnsent, isSameQuestion, keepUnsent, readUnsent } from './unsent.ts'

/**
 * Sends a question once: a second submit while one is under way does nothing, a retry repeats the same key, and so does
 * the same question after a reload. `owner` names who asks, in which workspace.
 */
export const useSend = (owner: string, conversationId: ConversationId | null) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  /** Submitted, and not yet confirmed by the server. */
  const [pending, setPending] = useState<SendInput | null>(null)
  const underWay = useRef(false)
  const mounted = useRef(false)
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
    }
  }, [])
  const mutation = useMutation(trpc.chat.send.mutationOptions())

  const dispatch = async (question: SendInput) => {
    if (underWay.current) return
    underWay.current = true
    setPending(question)
    keepUnsent(owner, question)
    try {
      const { text } = question
      const sent = await mutation.mutateAsync(question)
      forgetUnsent()
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
      if (!mounted.current) writeDraft(question.conversationId ?? null, question.text)
    } finally {
      underWay.current = false
    }
  }

  const visible = pending !== null && pending.conversationId === conversationId ? pending : null
  return {
    pending: visible,
    error: visible === null ? null : mutation.error,
    busy: mutation.isPending,
    send: (text: string, collectionIds: readonly CollectionId[], documentIds: readonly DocumentId[]) => {
      const question: SendInput = {
        conversationId,
        text,
        collectionIds: collectionIds.length === 0 ? null : [...collectionIds],
        documentIds: documentIds.length === 0 ? null : [...documentIds],
        idempotencyKey: newIdempotencyKey(),
      }
      const unsent = readUnsent(owner, conversationId)
      void dispatch(unsent !== null && isSameQuestion(unsent, question) ? unsent : question)
    },
    retry: () => {
      if (pending !== null) void dispatch(pending)
    },
  }
}

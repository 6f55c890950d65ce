'use client'

import type { Message } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTRPC } from '../../trpc/client.ts'
import { notifyProblem } from '../ui/toast.tsx'
import { continueMessage } from './conversation-cache.ts'
import { newIdempotencyKey } from './idempotency-key.ts'

/**
 * Has an answer written on that was cut off, failed or was stopped. A second click while one is under way does nothing;
 * another try after a lost connection repeats the same key, so that nothing is started twice.
 */
export const useContinue = (message: Message) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  // A new key for each run that ended: the same answer may be continued more than once.
  const attempt = useRef<{ readonly runId: Message['runId']; readonly idempotencyKey: string } | null>(null)
  const underWay = useRef(false)
  const mutation = useMutation(
    trpc.chat.continue.mutationOptions({
      onError: notifyProblem,
      onSuccess: async (sent) => {
        const queryKey = trpc.conversations.get.infiniteQueryKey({ id: sent.conversationId })
        await queryClient.cancelQueries({ queryKey })
        queryClient.setQueryData(queryKey, (view) => view && continueMessage(view, sent))
      },
    }),
  )
  return {
    pending: mutation.isPending,
    goOn: () => {
      if (underWay.current) return
      underWay.current = true
      if (attempt.current?.runId !== message.runId || attempt.current === null)
        attempt.current = { runId: message.runId, idempotencyKey: newIdempotencyKey() }
      const onSettled = () => {
        underWay.current = false
      }
      mutation.mutate({ messageId: message.id, idempotencyKey: attempt.current.idempotencyKey }, { onSettled })
    },
  }
}

'use client'

import type { Feedback, Message } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTRPC } from '../../trpc/client.ts'
import { notifyProblem } from '../ui/toast.tsx'
import { changeMessage } from './conversation-cache.ts'

/** What a person thinks of an answer: shown at once, taken back when the server does not take it. */
export const useFeedback = ({ id, conversationId, feedback: given }: Message) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const key = trpc.conversations.get.infiniteQueryKey({ id: conversationId })
  const show = (feedback: Feedback | null) =>
    queryClient.setQueryData(key, (cached) =>
      cached === undefined
        ? cached
        : changeMessage(
            cached,
            (m) => m.id === id,
            (m) => ({ ...m, feedback }),
          ),
    )
  const mutation = useMutation(
    trpc.feedback.set.mutationOptions({
      // Two clicks in a row arrive in their order.
      scope: { id: `feedback:${id}` },
      onMutate: async ({ feedback }) => {
        await queryClient.cancelQueries({ queryKey: key })
        show(feedback)
      },
      onError: (error) => {
        show(given)
        notifyProblem(error)
      },
    }),
  )
  return (feedback: Feedback | null) => mutation.mutate({ messageId: id, feedback })
}

'use client'

import type { DocumentItem } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { notify, notifyProblem } from '../ui/toast.tsx'

/** Retrying and deleting, with what to say afterwards. */
export const useDocumentActions = (onDeleted: () => void) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const refresh = () => {
    void queryClient.invalidateQueries(trpc.documents.list.pathFilter())
    void queryClient.invalidateQueries(trpc.collections.list.pathFilter())
  }
  const retry = useMutation(trpc.documents.retry.mutationOptions({ onError: notifyProblem, onSuccess: refresh }))
  const remove = useMutation(trpc.documents.delete.mutationOptions({ onError: notifyProblem, onSuccess: refresh }))
  return {
    retry: (item: DocumentItem) =>
      retry.mutate(
        { id: item.id },
        { onSuccess: () => notify({ title: t('documents.retried', { name: item.title }) }) },
      ),
    remove: (item: DocumentItem) =>
      remove.mutate(
        { id: item.id },
        {
          onSuccess: () => {
            onDeleted()
            notify({ title: t('documents.deleted', { name: item.title }) })
          },
        },
      ),
    removing: remove.isPending,
  }
}

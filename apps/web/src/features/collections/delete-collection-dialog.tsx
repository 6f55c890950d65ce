'use client'

import type { Collection } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

export const DeleteCollectionDialog = ({ target, onClose }: { target: Collection | null; onClose: () => void }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const name = target?.name ?? ''
  const remove = useMutation(
    trpc.collections.delete.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries(trpc.collections.list.pathFilter())
        await queryClient.invalidateQueries(trpc.documents.list.pathFilter())
        onClose()
        notify({ title: t('access.deleted', { name }) })
      },
      onError: notifyProblem,
    }),
  )
  return (
    <ConfirmDialog
      open={target !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t('access.delete.title')}
      body={t('access.delete.body', { name })}
      confirmLabel={t('access.delete')}
      busy={remove.isPending}
      onConfirm={() => target !== null && remove.mutate({ id: target.id })}
    />
  )
}

'use client'

import type { Member } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

export const RemoveDialog = ({ target, onClose }: { target: Member | null; onClose: () => void }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const remove = useMutation(
    trpc.members.remove.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries(trpc.members.list.pathFilter())
        onClose()
        notify({ title: t('people.removed', { name: target?.name ?? '' }) })
      },
      onError: notifyProblem,
    }),
  )
  return (
    <ConfirmDialog
      open={target !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t('people.remove.title')}
      body={t('people.remove.body', { name: target?.name ?? '' })}
      confirmLabel={t('people.remove')}
      busy={remove.isPending}
      onConfirm={() => target !== null && remove.mutate({ id: target.id })}
    />
  )
}

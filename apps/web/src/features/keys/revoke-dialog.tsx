'use client'

import type { ApiKey } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

export const RevokeDialog = ({ target, onClose }: { target: ApiKey | null; onClose: () => void }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const revoke = useMutation(
    trpc.keys.revoke.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries(trpc.keys.list.pathFilter())
        onClose()
        notify({ title: t('keys.revoked', { name: target?.name ?? '' }) })
      },
      onError: notifyProblem,
    }),
  )
  return (
    <ConfirmDialog
      open={target !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t('keys.revoke.title')}
      body={t('keys.revoke.body', { name: target?.name ?? '' })}
      confirmLabel={t('keys.revoke')}
      busy={revoke.isPending}
      onConfirm={() => target !== null && revoke.mutate({ id: target.id })}
    />
  )
}

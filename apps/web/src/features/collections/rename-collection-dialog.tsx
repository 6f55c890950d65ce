'use client'

import type { Collection } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { RenameDialog } from '../ui/rename-dialog.tsx'
import { notify } from '../ui/toast.tsx'

export const RenameCollectionDialog = ({ target, onClose }: { target: Collection | null; onClose: () => void }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const rename = useMutation(
    trpc.collections.update.mutationOptions({
      onSuccess: async ({ name }) => {
        await queryClient.invalidateQueries(trpc.collections.list.pathFilter())
        onClose()
        notify({ title: t('access.renamed', { name }) })
      },
    }),
  )
  return (
    <RenameDialog
      key={target?.id}
      open={target !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t('access.rename.title')}
      label={t('collections.name')}
      submitLabel={t('access.rename.submit')}
      name={target?.name ?? ''}
      busy={rename.isPending}
      error={rename.error}
      onClosed={rename.reset}
      onRename={(name) => target !== null && rename.mutate({ id: target.id, name })}
    />
  )
}

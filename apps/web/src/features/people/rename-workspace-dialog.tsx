'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useMe } from '../session/use-me.ts'
import { RenameDialog } from '../ui/rename-dialog.tsx'
import { notify } from '../ui/toast.tsx'

export const RenameWorkspaceDialog = ({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
}) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { organisation } = useMe()
  const rename = useMutation(
    trpc.organisation.rename.mutationOptions({
      onSuccess: async (_, { name }) => {
        await queryClient.invalidateQueries(trpc.session.me.pathFilter())
        onOpenChange(false)
        notify({ title: t('workspace.renamed', { name }) })
      },
    }),
  )
  return (
    <RenameDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('workspace.rename.title')}
      label={t('workspace.rename.name')}
      submitLabel={t('workspace.rename.submit')}
      name={organisation.name}
      busy={rename.isPending}
      error={rename.error}
      onClosed={rename.reset}
      onRename={(name) => rename.mutate({ name })}
    />
  )
}

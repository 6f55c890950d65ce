'use client'

import { useMutation } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useMe } from '../session/use-me.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { notifyProblem } from '../ui/toast.tsx'

/** Leaving ends what this browser shows of the workspace; the page is loaded anew. */
export const LeaveDialog = ({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) => {
  const workspace = useMe().organisation.name
  const leave = useMutation(
    useTRPC().members.leave.mutationOptions({
      onSuccess: () => window.location.assign('/'),
      onError: (error) => {
        onOpenChange(false)
        notifyProblem(error)
      },
    }),
  )
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('people.leave.title', { workspace })}
      body={t('people.leave.body', { workspace })}
      confirmLabel={t('people.leave')}
      busy={leave.isPending || leave.isSuccess}
      onConfirm={() => leave.mutate()}
    />
  )
}

'use client'

import { useMutation } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { type SubmitEvent, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useMe } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'

/** For owners, below all else: what ends the workspace, and what that means. */
export const DeleteWorkspace = () => {
  const [asking, setAsking] = useState(false)
  return (
    <section
      aria-labelledby="delete-workspace"
      className="mt-10 flex flex-wrap items-center justify-between gap-4 rounded-xl border border-danger/30 p-4"
    >
      <div className="min-w-0 max-w-xl">
        <h2 id="delete-workspace" className="font-semibold">
          {t('workspace.delete.title')}
        </h2>
        <p className="mt-0.5 text-ink-2">{t('workspace.delete.lead')}</p>
      </div>
      <Button onClick={() => setAsking(true)}>
        <Trash2 className="size-4" aria-hidden />
        {t('workspace.delete')}
      </Button>
      <DeleteWorkspaceDialog open={asking} onOpenChange={setAsking} />
    </section>
  )
}

/** Asks for the name. Afterwards the page is loaded anew: nothing of the workspace stays in memory. */
const DeleteWorkspaceDialog = ({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) => {
  const { organisation } = useMe()
  const [typed, setTyped] = useState('')
  const remove = useMutation(
    useTRPC().organisation.delete.mutationOptions({ onSuccess: () => window.location.assign('/') }),
  )
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    remove.mutate({ name: typed.trim() })
  }
  const onClosed = () => {
    setTyped('')
    remove.reset()
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      onClosed={onClosed}
      title={t('workspace.delete.ask', { workspace: organisation.name })}
      description={t('workspace.delete.body')}
    >
      <form onSubmit={onSubmit} className="grid gap-4">
        <TextField
          label={t('workspace.delete.name', { workspace: organisation.name })}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          required
          maxLength={120}
          autoComplete="off"
        />
        {remove.error !== null && <Problem problem={problemOf(remove.error)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{t('common.cancel')}</Button>
          <Button
            type="submit"
            look="danger"
            disabled={typed.trim() !== organisation.name.trim()}
            busy={remove.isPending || remove.isSuccess}
          >
            {t('workspace.delete.submit')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

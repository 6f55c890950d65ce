'use client'

import type { SubmitEvent } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './field.tsx'
import { Problem } from './problem.tsx'

interface RenameDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  onClosed: () => void
  title: string
  label: string
  submitLabel: string
  /** What it is called now. */
  name: string
  busy: boolean
  error: unknown
  onRename: (name: string) => void
}

/** Asks for one name. The same name closes it. */
export const RenameDialog = ({
  open,
  onOpenChange,
  onClosed,
  title,
  label,
  submitLabel,
  name,
  busy,
  error,
  onRename,
}: RenameDialogProps) => {
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const entered = new FormData(event.currentTarget).get('name')
    const next = typeof entered === 'string' ? entered.trim() : ''
    if (next === name) onOpenChange(false)
    else onRename(next)
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} onClosed={onClosed} title={title}>
      <form onSubmit={onSubmit} className="grid gap-4">
        <TextField
          label={label}
          name="name"
          defaultValue={name}
          required
          maxLength={120}
          pattern=".*\S.*"
          autoComplete="off"
          onFocus={(event) => event.target.select()}
        />
        {error !== null && <Problem problem={problemOf(error)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{t('common.cancel')}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {submitLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

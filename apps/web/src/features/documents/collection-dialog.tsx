'use client'

import { type Collection, visibility } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { fieldText } from '../auth/form-check.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'
import { notify } from '../ui/toast.tsx'

interface CollectionDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  onCreated: (collection: Collection) => void
}

export const CollectionDialog = ({ open, onOpenChange, onCreated }: CollectionDialogProps) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const create = useMutation(
    trpc.collections.create.mutationOptions({
      onSuccess: async (collection) => {
        await queryClient.invalidateQueries(trpc.collections.list.pathFilter())
        onOpenChange(false)
        onCreated(collection)
        notify({ title: t('collections.created', { name: collection.name }) })
      },
    }),
  )
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    // A double click is one click; the button is disabled only a moment later.
    if (queryClient.isMutating({ mutationKey: trpc.collections.create.mutationKey() }) > 0) return
    const form = new FormData(event.currentTarget)
    create.mutate({ name: fieldText(form, 'name'), visibility: visibility.parse(fieldText(form, 'visibility')) })
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      onClosed={create.reset}
      title={t('collections.new')}
      description={t('collections.new.lead')}
    >
      <form onSubmit={onSubmit} className="grid gap-4">
        <TextField
          label={t('collections.name')}
          name="name"
          required
          maxLength={120}
          pattern=".*\S.*"
          autoComplete="off"
        />
        <SelectField label={t('collections.visibility')} name="visibility" defaultValue="organisation">
          {visibility.options.map((option) => (
            <option key={option} value={option}>
              {t(`collections.visibility.${option}`)}
            </option>
          ))}
        </SelectField>
        {create.error !== null && <Problem problem={problemOf(create.error)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{t('common.cancel')}</Button>
          <Button type="submit" look="primary" busy={create.isPending}>
            {t('collections.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

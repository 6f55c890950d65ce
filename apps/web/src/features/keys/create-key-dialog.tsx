'use client'

import { createKeyInput } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { RefObject, SubmitEvent } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { fieldText } from '../auth/form-check.ts'
import { useMe } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'
import { ShownOnce } from '../ui/shown-once.tsx'

const ROLES = ['member', 'viewer', 'admin'] as const
/** A sprint, a quarter, a year: the API takes up to 365. */
const EXPIRY_DAYS = [30, 90, 365] as const

interface CreateKeyDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** What opens it: another one may stand there when the first key is made. */
  opener: RefObject<HTMLElement | null>
}

/** Makes a key and shows its secret this one time. */
export const CreateKeyDialog = ({ open, onOpenChange, opener }: CreateKeyDialogProps) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { role } = useMe()
  const create = useMutation(
    trpc.keys.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(trpc.keys.list.pathFilter()),
    }),
  )
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    // A double click is one click; the button is disabled only a moment later.
    if (queryClient.isMutating({ mutationKey: trpc.keys.create.mutationKey() }) > 0) return
    const form = new FormData(event.currentTarget)
    const days = fieldText(form, 'expiry')
    create.mutate(
      createKeyInput.parse({
        name: fieldText(form, 'name'),
        role: fieldText(form, 'role'),
        expiresInDays: days === '' ? null : Number(days),
      }),
    )
  }
  const made = create.data
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      finalFocus={opener}
      onClosed={create.reset} // the secret leaves memory with the dialog
      firm={create.isPending || create.isSuccess}
      title={made === undefined ? t('keys.create.title') : t('keys.secret.title')}
      description={made === undefined ? undefined : t('keys.secret.body')}
    >
      {made === undefined ? (
        <form onSubmit={onSubmit} className="grid gap-4">
          <TextField
            label={t('keys.name')}
            name="name"
            required
            pattern=".*\S.*"
            maxLength={60}
            autoComplete="off"
            placeholder={t('keys.namePlaceholder')}
            hint={t('keys.nameHint')}
          />
          <SelectField label={t('keys.role')} name="role" defaultValue="member">
            {ROLES.filter((option) => option !== 'admin' || role === 'owner' || role === 'admin').map((option) => (
              <option key={option} value={option}>
                {t(`keys.role.${option}`)}
              </option>
            ))}
          </SelectField>
          <SelectField label={t('keys.expiry')} name="expiry" defaultValue="90">
            {EXPIRY_DAYS.map((days) => (
              <option key={days} value={days}>
                {t('keys.expiry.days', { count: days })}
              </option>
            ))}
            <option value="">{t('keys.expiry.never')}</option>
          </SelectField>
          {create.error !== null && <Problem problem={problemOf(create.error)} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => onOpenChange(false)}>{t('common.cancel')}</Button>
            <Button type="submit" look="primary" busy={create.isPending}>
              {t('keys.create')}
            </Button>
          </div>
        </form>
      ) : (
        <ShownOnce
          label={t('keys.secret.label', { name: made.key.name })}
          value={made.secret}
          testId="key-secret"
          doneLabel={t('keys.secret.done')}
          onDone={() => onOpenChange(false)}
        />
      )}
    </Dialog>
  )
}

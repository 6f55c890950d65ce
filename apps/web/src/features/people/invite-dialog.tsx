'use client'

import { createInvitationInput, outranks } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { RefObject, SubmitEvent } from 'react'
import { useState } from 'react'
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
/** The API takes up to 30. */
const EXPIRY_DAYS = [1, 7, 30] as const

interface InviteDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  opener: RefObject<HTMLElement | null>
}

/** Makes an invitation and shows its link this one time. */
export const InviteDialog = ({ open, onOpenChange, opener }: InviteDialogProps) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { role: own } = useMe()
  const [badAddress, setBadAddress] = useState(false)
  const create = useMutation(
    trpc.invitations.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(trpc.invitations.list.pathFilter()),
    }),
  )
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    // A double click is one click; the button is disabled only a moment later.
    if (queryClient.isMutating({ mutationKey: trpc.invitations.create.mutationKey() }) > 0) return
    const form = new FormData(event.currentTarget)
    const input = createInvitationInput.safeParse({
      email: fieldText(form, 'email').trim(),
      role: fieldText(form, 'role'),
      expiresInDays: Number(fieldText(form, 'expiry')),
    })
    setBadAddress(!input.success)
    if (input.success) create.mutate(input.data)
  }
  const made = create.data
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      finalFocus={opener}
      onClosed={() => {
        create.reset() // the link leaves memory with the dialog
        setBadAddress(false)
      }}
      firm={create.isPending || create.isSuccess}
      title={made === undefined ? t('people.invite.title') : t('people.link.title', { email: made.invitation.email })}
      description={made === undefined ? t('people.invite.lead') : t('people.link.body')}
    >
      {made === undefined ? (
        <form onSubmit={onSubmit} noValidate className="grid gap-4">
          <TextField
            label={t('people.invite.email')}
            name="email"
            type="email"
            required
            maxLength={320}
            autoComplete="off"
            error={badAddress ? t('auth.error.email') : undefined}
          />
          <SelectField label={t('people.invite.role')} name="role" defaultValue="member">
            {ROLES.filter((option) => !outranks(option, own)).map((option) => (
              <option key={option} value={option}>
                {t(`people.role.${option}`)}
              </option>
            ))}
          </SelectField>
          <SelectField label={t('people.invite.expiry')} name="expiry" defaultValue="7">
            {EXPIRY_DAYS.map((days) => (
              <option key={days} value={days}>
                {t('people.invite.days', { count: days })}
              </option>
            ))}
          </SelectField>
          {create.error !== null && <Problem problem={problemOf(create.error)} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => onOpenChange(false)}>{t('common.cancel')}</Button>
            <Button type="submit" look="primary" busy={create.isPending}>
              {t('people.invite.submit')}
            </Button>
          </div>
        </form>
      ) : (
        <ShownOnce
          label={t('people.link.label', { email: made.invitation.email })}
          value={made.link}
          testId="invitation-link"
          doneLabel={t('people.link.done')}
          onDone={() => onOpenChange(false)}
        />
      )}
    </Dialog>
  )
}

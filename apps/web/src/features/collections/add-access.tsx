'use client'

import type { Collection, CollectionAccess } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Button } from '../ui/button.tsx'
import { SelectField } from '../ui/field.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

interface AddAccessProps {
  collection: Collection
  others: CollectionAccess['others']
}

/** Gives one person or key access to a restricted collection. */
export const AddAccess = ({ collection, others }: AddAccessProps) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [picked, setPicked] = useState('')
  const chosen = others.find(({ grantee }) => grantee.id === picked)
  const grant = useMutation(
    trpc.collections.grant.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries(trpc.collections.access.pathFilter())
        setPicked('')
        notify({ title: t('access.given', { name: chosen?.name ?? '', collection: collection.name }) })
      },
      onError: notifyProblem,
    }),
  )
  if (others.length === 0) return null
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (chosen !== undefined && !grant.isPending) grant.mutate({ collectionId: collection.id, grantee: chosen.grantee })
  }
  return (
    <form onSubmit={onSubmit} className="flex items-end gap-2">
      <div className="min-w-0 flex-1">
        <SelectField label={t('access.add')} value={picked} onChange={(event) => setPicked(event.target.value)}>
          <option value="">{t('access.add.nobody')}</option>
          {others.map(({ grantee, name, email, role }) => (
            <option key={grantee.id} value={grantee.id}>
              {`${name} (${email ?? t('access.key')}, ${t(`role.${role}`)})`}
            </option>
          ))}
        </SelectField>
      </div>
      <Button
        type="submit"
        look="primary"
        size="medium"
        className="h-10"
        disabled={chosen === undefined}
        busy={grant.isPending}
      >
        {t('access.add.submit')}
      </Button>
    </form>
  )
}

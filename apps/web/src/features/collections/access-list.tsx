'use client'

import type { Collection, CollectionAccess } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { KeyRound, UserRound } from 'lucide-react'
import { formatMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Button } from '../ui/button.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

type Entry = CollectionAccess['entries'][number]

const reasonOf = ({ reason, grantedBy, grantedAt }: Entry): string => {
  if (reason !== 'grant') return t(`access.reason.${reason}`)
  const moment = grantedAt === null ? '' : formatMoment(grantedAt)
  return grantedBy === null
    ? t('access.reason.grantByNobody', { moment })
    : t('access.reason.grant', { name: grantedBy, moment })
}

/** Everybody who can see it, each with the reason; what was given can be taken away. */
export const AccessList = ({ collection, entries }: { collection: Collection; entries: readonly Entry[] }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const take = useMutation(
    trpc.collections.revokeGrant.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(trpc.collections.access.pathFilter()),
      onError: notifyProblem,
    }),
  )
  const onTake = ({ grantee, name }: Entry) =>
    take.mutate(
      { collectionId: collection.id, grantee },
      { onSuccess: () => notify({ title: t('access.taken', { name, collection: collection.name }) }) },
    )
  return (
    <ul className="grid max-h-72 overflow-y-auto scrollbar-quiet" aria-label={t('access.manage')}>
      {entries.map((entry) => {
        const Icon = entry.grantee.kind === 'user' ? UserRound : KeyRound
        return (
          <li
            key={`${entry.grantee.kind}:${entry.grantee.id}`}
            className="flex items-start gap-2.5 border-t border-line py-2 first:border-t-0"
            data-testid="access-entry"
          >
            <Icon className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden />
            <div className="min-w-0 flex-1 text-[0.8125rem] [overflow-wrap:anywhere]">
              <p className="font-medium" dir="auto">
                {entry.name} <span className="font-normal text-ink-3">{entry.email ?? t('access.key')}</span>
              </p>
              <p className="text-xs text-ink-2">
                {t(`role.${entry.role}`)} · {reasonOf(entry)}
              </p>
            </div>
            {entry.grantedAt !== null && collection.visibility === 'restricted' && (
              <Button
                look="ghost"
                size="small"
                aria-label={t('access.takeOf', { name: entry.name })}
                disabled={take.isPending}
                onClick={() => onTake(entry)}
              >
                {t('access.take')}
              </Button>
            )}
          </li>
        )
      })}
    </ul>
  )
}

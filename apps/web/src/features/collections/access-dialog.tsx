'use client'

import type { Collection } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Lock, Users } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'
import { AccessList } from './access-list.tsx'
import { AddAccess } from './add-access.tsx'

/** Who can see a collection and why; opens and closes it, gives access and takes it away. */
export const AccessDialog = ({ target, onClose }: { target: Collection | null; onClose: () => void }) => {
  // It stays while the dialog fades.
  const [shown, setShown] = useState(target)
  if (target !== null && target !== shown) setShown(target)
  return (
    <Dialog
      open={target !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t('access.dialog', { name: shown?.name ?? '' })}
    >
      {shown !== null && <Access id={shown.id} />}
    </Dialog>
  )
}

const Access = ({ id }: { id: Collection['id'] }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const access = useQuery(trpc.collections.access.queryOptions({ id }))
  const update = useMutation(
    trpc.collections.update.mutationOptions({
      onSuccess: async ({ name, visibility }) => {
        await queryClient.invalidateQueries(trpc.collections.pathFilter())
        notify({ title: t(visibility === 'restricted' ? 'access.closedNow' : 'access.openNow', { name }) })
      },
      onError: notifyProblem,
    }),
  )
  if (access.isError) return <Problem problem={problemOf(access.error)} onRetry={() => void access.refetch()} />
  if (access.data === undefined) return <Skeleton className="h-40" />
  const { collection, entries, others } = access.data
  const restricted = collection.visibility === 'restricted'
  const Icon = restricted ? Lock : Users
  return (
    <div className="grid gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3 rounded-xl border border-line bg-sunken p-3">
        <p className="flex min-w-0 flex-1 items-center gap-2.5 text-[0.8125rem]">
          <Icon className="size-4 shrink-0 text-ink-2" aria-hidden />
          {restricted ? t('access.closed') : t('access.open')}
        </p>
        <Button
          size="small"
          busy={update.isPending}
          onClick={() => update.mutate({ id, visibility: restricted ? 'organisation' : 'restricted' })}
        >
          {restricted ? t('access.reopen') : t('access.close')}
        </Button>
      </div>
      {restricted && <AddAccess collection={collection} others={others} />}
      <AccessList collection={collection} entries={entries} />
    </div>
  )
}

'use client'

import type { ApiKey } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Forbidden } from '../session/forbidden.tsx'
import { useCan } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Problem } from '../ui/problem.tsx'
import { Screen } from '../ui/screen.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { CreateKeyDialog } from './create-key-dialog.tsx'
import { KeyTable } from './key-table.tsx'
import { RevokeDialog } from './revoke-dialog.tsx'

export const KeysScreen = () => (useCan('keys.manage') ? <Keys /> : <Forbidden title={t('keys.forbidden.title')} />)

const Keys = () => {
  const keys = useQuery(useTRPC().keys.list.queryOptions())
  const [creating, setCreating] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const [doomed, setDoomed] = useState<ApiKey | null>(null)
  const create = (
    <Button ref={opener} look="primary" onClick={() => setCreating(true)}>
      <Plus className="size-4" aria-hidden />
      {t('keys.create')}
    </Button>
  )
  const empty = keys.data?.length === 0
  return (
    <Screen title={t('keys.title')} lead={t('keys.lead')} actions={empty ? undefined : create}>
      {keys.isPending && (
        <div aria-busy="true" className="grid gap-3">
          <Skeleton className="h-11" />
          <Skeleton className="h-11" />
        </div>
      )}
      {keys.isError && <Problem problem={problemOf(keys.error)} onRetry={() => void keys.refetch()} />}
      {empty && (
        <div className="rounded-2xl border border-dashed border-line-strong">
          <EmptyState icon={<KeyRound />} title={t('keys.empty.title')} body={t('keys.empty.body')}>
            {create}
          </EmptyState>
        </div>
      )}
      {keys.data !== undefined && !empty && <KeyTable keys={keys.data} onRevoke={setDoomed} />}
      <CreateKeyDialog open={creating} onOpenChange={setCreating} opener={opener} />
      <RevokeDialog target={doomed} onClose={() => setDoomed(null)} />
    </Screen>
  )
}

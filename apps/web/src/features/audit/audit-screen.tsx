'use client'

import { AUDIT_ACTIONS, type AuditEntity } from '@quarry/contracts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Forbidden } from '../session/forbidden.tsx'
import { useCan, useMe } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { FilterSelect } from '../ui/field.tsx'
import { Problem } from '../ui/problem.tsx'
import { Screen } from '../ui/screen.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { AuditTable } from './audit-table.tsx'

const PAGE = 50

export const AuditScreen = () => (useCan('audit.read') ? <Audit /> : <Forbidden title={t('audit.forbidden.title')} />)

const Audit = () => {
  const trpc = useTRPC()
  const { organisation } = useMe()
  const [entity, setEntity] = useState('')
  const [actorId, setActorId] = useState('')
  const members = useQuery(trpc.members.list.queryOptions()).data ?? []
  const keys = useQuery(trpc.keys.list.queryOptions()).data ?? []
  const events = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(
      { action: entity || null, actorId: actorId || null, limit: PAGE },
      // What has just happened is what one looks for.
      { getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined, staleTime: 0 },
    ),
  )
  const rows = events.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Screen title={t('audit.title')} lead={t('audit.lead', { workspace: organisation.name })}>
      <search className="mb-5 flex flex-wrap gap-2">
        <FilterSelect
          label={t('audit.filter.entity')}
          value={entity}
          onChange={(event) => setEntity(event.target.value)}
        >
          <option value="">{t('audit.filter.all')}</option>
          {(Object.keys(AUDIT_ACTIONS) as AuditEntity[]).map((name) => (
            <option key={name} value={name}>
              {t(`audit.entity.${name}`)}
            </option>
          ))}
        </FilterSelect>
        <FilterSelect
          label={t('audit.filter.actor')}
          value={actorId}
          onChange={(event) => setActorId(event.target.value)}
        >
          <option value="">{t('audit.filter.anybody')}</option>
          {members.map(({ userId, name, email }) => (
            <option key={userId} value={userId}>{`${name} (${email})`}</option>
          ))}
          {keys.map(({ id, name }) => (
            <option key={id} value={id}>{`${name} (${t('audit.key')})`}</option>
          ))}
        </FilterSelect>
      </search>
      {events.isPending && <Skeleton className="h-40" />}
      {events.isError && <Problem problem={problemOf(events.error)} onRetry={() => void events.refetch()} />}
      {events.isSuccess && rows.length === 0 && (
        <EmptyState icon={<ScrollText />} title={t('audit.empty.title')} body={t('audit.empty.body')} />
      )}
      {rows.length > 0 && <AuditTable events={rows} />}
      {events.hasNextPage && (
        <div className="mt-5 text-center">
          <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            {t('common.loadMore')}
          </Button>
        </div>
      )}
    </Screen>
  )
}

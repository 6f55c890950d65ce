'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Forbidden } from '../session/forbidden.tsx'
import { useCan, useMe } from '../session/use-me.ts'
import { Screen } from '../ui/screen.tsx'
import { listInputOf } from './job-address.ts'
import { JobList, JOBS_PER_PAGE } from './job-list.tsx'
import { JobOverview } from './job-overview.tsx'
import type { Range } from './range-select.tsx'
import { useJobPlace } from './use-job-place.ts'
import { useWorkspaceJobs } from './use-workspace-jobs.ts'

/** The charts move on by themselves: nothing signals that a minute is over. */
const OVERVIEW_REFRESH_MS = 60_000

export const JobsScreen = () => (useCan('jobs.manage') ? <Jobs /> : <Forbidden title={t('jobs.forbidden.title')} />)

const Jobs = () => {
  const trpc = useTRPC()
  const { organisation } = useMe()
  const scope = useWorkspaceJobs()
  const { place, change } = useJobPlace(scope.listPath)
  const [range, setRange] = useState<Range>('hour')
  const overview = useQuery(
    trpc.jobs.overview.queryOptions(
      { range },
      { placeholderData: keepPreviousData, staleTime: 0, refetchInterval: OVERVIEW_REFRESH_MS },
    ),
  )
  const list = useQuery(
    trpc.jobs.list.queryOptions(
      { ...listInputOf(place), query: place.query === '' ? null : place.query, limit: JOBS_PER_PAGE },
      { placeholderData: keepPreviousData, staleTime: 0 },
    ),
  )
  return (
    <Screen title={t('jobs.title')} lead={t('jobs.lead', { workspace: organisation.name })}>
      <JobOverview overview={overview} range={range} onRange={setRange} scope={scope} />
      <JobList list={list} place={place} onChange={change} scope={scope} />
    </Screen>
  )
}

'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { ChosenFilter } from '../jobs/chosen-filter.tsx'
import { listInputOf } from '../jobs/job-address.ts'
import { JobList, JOBS_PER_PAGE } from '../jobs/job-list.tsx'
import { useJobPlace } from '../jobs/use-job-place.ts'
import { Screen } from '../ui/screen.tsx'
import { OperatorsOnly } from './operators-only.tsx'
import { REFRESH_MS } from './refresh.ts'
import { SectionLinks } from './section-links.tsx'
import { useInstallationJobs } from './use-installation-jobs.ts'

export const AllJobsScreen = () => (
  <OperatorsOnly>
    <AllJobs />
  </OperatorsOnly>
)

const AllJobs = () => {
  const scope = useInstallationJobs()
  const { place, change } = useJobPlace(scope.listPath)
  const list = useQuery(
    useTRPC().operations.jobs.queryOptions(
      { ...listInputOf(place), orgId: place.organisation, limit: JOBS_PER_PAGE },
      { placeholderData: keepPreviousData, staleTime: 0, refetchInterval: REFRESH_MS },
    ),
  )
  const chosen = list.data?.items.find(({ organisation }) => organisation?.id === place.organisation)?.organisation
  return (
    <Screen title={t('operations.jobs.title')} lead={t('operations.jobs.lead')}>
      <SectionLinks current="/operations/jobs" />
      {place.organisation !== null && (
        <ChosenFilter
          text={t('operations.organisation', { name: chosen?.name ?? '' })}
          label={t('operations.organisation.clear')}
          onClear={() => change({ organisation: null })}
        />
      )}
      <JobList list={list} place={place} onChange={change} scope={scope} everywhere />
    </Screen>
  )
}

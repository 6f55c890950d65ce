'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useId, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { JobOverview, type Range } from '../jobs/job-overview.tsx'
import { Problem } from '../ui/problem.tsx'
import { Screen } from '../ui/screen.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { CronTable } from './cron-table.tsx'
import { OperatorsOnly } from './operators-only.tsx'
import { QueueSwitch } from './queue-switch.tsx'
import { REFRESH_MS } from './refresh.ts'
import { SectionLinks } from './section-links.tsx'
import { useInstallationJobs } from './use-installation-jobs.ts'
import { WorkerTable } from './worker-table.tsx'

export const OperationsScreen = () => (
  <OperatorsOnly>
    <Operations />
  </OperatorsOnly>
)

interface SectionProps<T> {
  title: string
  query: { data: T | undefined; error: unknown; refetch: () => unknown }
  children: (data: T) => ReactNode
}

const Section = <T,>({ title, query: { data, error, refetch }, children }: SectionProps<T>) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className="mt-10">
      <h2 id={id} className="mb-3 text-base font-semibold">
        {title}
      </h2>
      {data !== undefined && children(data)}
      {data === undefined && error === null && (
        <div aria-busy="true">
          <Skeleton className="h-24" />
        </div>
      )}
      {data === undefined && error !== null && <Problem problem={problemOf(error)} onRetry={() => void refetch()} />}
    </section>
  )
}

const Operations = () => {
  const trpc = useTRPC()
  const scope = useInstallationJobs()
  const [range, setRange] = useState<Range>('hour')
  const live = { staleTime: 0, refetchInterval: REFRESH_MS }
  const overview = useQuery(
    trpc.operations.overview.queryOptions({ range }, { ...live, placeholderData: keepPreviousData }),
  )
  const workers = useQuery(trpc.operations.workers.queryOptions(undefined, live))
  const cron = useQuery(trpc.operations.cron.queryOptions(undefined, live))
  return (
    <Screen title={t('operations.title')} lead={t('operations.lead')}>
      <SectionLinks current="/operations" />
      <JobOverview overview={overview} range={range} onRange={setRange} scope={scope} KindActions={QueueSwitch} />
      <Section title={t('operations.workers')} query={workers}>
        {(items) => <WorkerTable workers={items} />}
      </Section>
      <Section title={t('operations.cron')} query={cron}>
        {(items) => <CronTable tasks={items} />}
      </Section>
    </Screen>
  )
}

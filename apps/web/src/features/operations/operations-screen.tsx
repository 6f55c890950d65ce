'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { JobOverview } from '../jobs/job-overview.tsx'
import type { Range } from '../jobs/range-select.tsx'
import { Screen } from '../ui/screen.tsx'
import { CronTable } from './cron-table.tsx'
import { OperatorsOnly } from './operators-only.tsx'
import { ProcessesSection } from './processes-section.tsx'
import { QueueSwitch } from './queue-switch.tsx'
import { REFRESH_MS } from './refresh.ts'
import { Section } from './section.tsx'
import { SectionLinks } from './section-links.tsx'
import { useInstallationJobs } from './use-installation-jobs.ts'
import { WorkerTable } from './worker-table.tsx'

export const OperationsScreen = () => (
  <OperatorsOnly>
    <Operations />
  </OperatorsOnly>
)

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
      <ProcessesSection />
      <div className="mt-10">
        <JobOverview overview={overview} range={range} onRange={setRange} scope={scope} KindActions={QueueSwitch} />
      </div>
      <Section title={t('operations.workers')} query={workers}>
        {(items) => <WorkerTable workers={items} />}
      </Section>
      <Section title={t('operations.cron')} query={cron}>
        {(items) => <CronTable tasks={items} />}
      </Section>
    </Screen>
  )
}

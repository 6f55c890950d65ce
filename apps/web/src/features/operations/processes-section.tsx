'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Activity } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { type Range, RangeSelect } from '../jobs/range-select.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { InstallationCharts } from './installation-charts.tsx'
import { ProcessTable } from './process-table.tsx'
import { Answered, Section } from './section.tsx'

/** A process reports every 15 s; one that is gone is seen within a minute. */
const LIST_REFRESH_MS = 10_000
/** What moves on in a chart of a day is a point in half an hour. */
const CHART_REFRESH_MS: Record<Range, number> = { hour: 15_000, day: 60_000 }

const Nobody = ({ reporting }: { reporting: boolean }) => {
  const why = reporting ? 'none' : 'off'
  return (
    <EmptyState
      icon={<Activity />}
      title={t(`operations.figures.${why}.title`)}
      body={t(`operations.figures.${why}.body`)}
    />
  )
}

/** Which processes there are, and what they do together. */
export const ProcessesSection = () => {
  const trpc = useTRPC()
  const [range, setRange] = useState<Range>('hour')
  const list = useQuery(
    trpc.operations.processes.queryOptions(undefined, { staleTime: 0, refetchInterval: LIST_REFRESH_MS }),
  )
  const figures = useQuery(
    trpc.operations.figures.queryOptions(
      { range },
      { staleTime: 0, refetchInterval: CHART_REFRESH_MS[range], placeholderData: keepPreviousData },
    ),
  )
  return (
    <Section
      title={t('operations.figures')}
      query={list}
      actions={<RangeSelect label={t('operations.figures.range')} range={range} onRange={setRange} />}
    >
      {({ reporting, processes }) =>
        processes.length === 0 ? (
          <Nobody reporting={reporting} />
        ) : (
          <>
            <ProcessTable processes={processes} />
            <div className="mt-6">
              <Answered query={figures}>{({ points }) => <InstallationCharts points={points} />}</Answered>
            </div>
          </>
        )
      }
    </Section>
  )
}

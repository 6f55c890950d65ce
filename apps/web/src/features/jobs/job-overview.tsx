'use client'

import type { JobOverview as Overview } from '@quarry/contracts'
import type { ComponentType } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { DepthTable } from './depth-table.tsx'
import { FailureTable } from './failure-table.tsx'
import { JobCharts } from './job-charts.tsx'
import { type Range, RangeSelect } from './range-select.tsx'
import type { JobScope } from './job-scope.ts'
import type { ReadState } from './read-state.ts'

interface JobOverviewProps {
  overview: ReadState<Overview>
  range: Range
  onRange: (range: Range) => void
  scope: JobScope
  /** What can be done with a kind, for who may. */
  KindActions?: ComponentType<Overview['kinds'][number]> | undefined
}

/** What there is to do, how it went lately, and what went wrong. */
export const JobOverview = ({ overview, range, onRange, scope, KindActions }: JobOverviewProps) => {
  const { data, error } = overview
  return (
    <section aria-labelledby="job-overview">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <h2 id="job-overview" className="text-base font-semibold">
          {t('jobs.overview')}
        </h2>
        <RangeSelect label={t('jobs.range')} range={range} onRange={onRange} />
      </div>
      {overview.isPending && (
        <div aria-busy="true" className="grid gap-3 md:grid-cols-3">
          <Skeleton className="h-48" />
          <Skeleton className="h-48" />
          <Skeleton className="h-48" />
        </div>
      )}
      {data === undefined && error !== null && (
        <Problem problem={problemOf(error)} onRetry={() => void overview.refetch()} />
      )}
      {data !== undefined && (
        <>
          <JobCharts buckets={data.buckets} />
          <div className="mt-6 grid gap-x-8 gap-y-6 lg:grid-cols-2">
            <div className="min-w-0">
              <h3 className="mb-2 font-medium">{t('jobs.depth')}</h3>
              <DepthTable kinds={data.kinds} KindActions={KindActions} />
            </div>
            <div className="min-w-0">
              <h3 className="mb-2 font-medium">{t('jobs.failures')}</h3>
              <FailureTable failures={data.failures} scope={scope} />
            </div>
          </div>
        </>
      )}
    </section>
  )
}

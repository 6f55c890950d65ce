'use client'

import type { JobItem, Page } from '@quarry/contracts'
import { ChevronRight, ChevronsLeft, ListChecks, SearchX } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { EVERY_JOB, isNarrowed, type JobPlace } from './job-address.ts'
import { JobFilters } from './job-filters.tsx'
import type { JobScope } from './job-scope.ts'
import { JobTable } from './job-table.tsx'
import type { ReadState } from './read-state.ts'

/** About two screens. One page stands there at a time, so that what happens costs one read, however far one has gone. */
export const JOBS_PER_PAGE = 50

interface JobListProps {
  list: ReadState<Page<JobItem>>
  place: JobPlace
  onChange: (change: Partial<JobPlace>) => void
  scope: JobScope
  /** Of all workspaces. */
  everywhere?: boolean
}

const Loading = () => (
  <div aria-busy="true" className="mt-4 grid gap-px">
    <p role="status" className="sr-only">
      {t('common.loading')}
    </p>
    {[0, 1, 2, 3].map((row) => (
      <div key={row} className="flex items-center gap-4 border-t border-line py-3.5">
        <Skeleton className="h-4 flex-1" />
        <Skeleton className="h-5 w-28 rounded-full" />
      </div>
    ))}
  </div>
)

/** One page of jobs, newest first, with its filters and the way to older ones. */
export const JobList = ({ list, place, onChange, scope, everywhere = false }: JobListProps) => {
  const jobs = list.data?.items
  const next = list.data?.nextCursor ?? null
  const narrowed = isNarrowed(place)
  return (
    <section aria-labelledby="job-list" className="mt-10">
      <h2 id="job-list" className="mb-3 text-base font-semibold">
        {t('jobs.list')}
      </h2>
      <JobFilters place={place} onChange={onChange} everywhere={everywhere} />
      {list.isPending && <Loading />}
      {list.error !== null && jobs === undefined && (
        <Problem className="mt-4" problem={problemOf(list.error)} onRetry={() => void list.refetch()} />
      )}
      {jobs?.length === 0 && (
        <EmptyState
          icon={narrowed ? <SearchX /> : <ListChecks />}
          title={t(narrowed ? 'jobs.none.title' : 'jobs.empty.title')}
          body={t(narrowed ? 'jobs.none.body' : 'jobs.empty.body')}
        >
          {narrowed && <Button onClick={() => onChange(EVERY_JOB)}>{t('jobs.filter.clear')}</Button>}
        </EmptyState>
      )}
      {jobs !== undefined && jobs.length > 0 && (
        <div className={list.isPlaceholderData ? 'mt-4 opacity-60 transition-opacity' : 'mt-4'}>
          <JobTable
            jobs={jobs}
            scope={scope}
            onOrganisation={everywhere ? (organisation) => onChange({ organisation }) : undefined}
          />
        </div>
      )}
      {jobs !== undefined && (jobs.length > 0 || place.cursor !== null) && (
        <nav aria-label={t('jobs.pages')} className="mt-4 flex items-center justify-between gap-4">
          <p role="status" className="text-xs text-ink-3">
            {t('jobs.shown', { count: jobs.length })}
          </p>
          <div className="flex gap-2">
            {place.cursor !== null && (
              <Button size="small" onClick={() => onChange({ cursor: null })}>
                <ChevronsLeft className="size-4 rtl:-scale-x-100" aria-hidden />
                {t('jobs.newest')}
              </Button>
            )}
            {next !== null && (
              <Button size="small" disabled={list.isPlaceholderData} onClick={() => onChange({ cursor: next })}>
                {t('jobs.older')}
                <ChevronRight className="size-4 rtl:-scale-x-100" aria-hidden />
              </Button>
            )}
          </div>
        </nav>
      )}
    </section>
  )
}

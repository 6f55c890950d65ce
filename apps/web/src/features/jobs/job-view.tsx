'use client'

import type { JobDetail } from '@quarry/contracts'
import { ArrowLeft, Hourglass, SearchX } from 'lucide-react'
import Link from 'next/link'
import { formatAbout } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { appErrorOf, problemOf } from '../../trpc/api-error.ts'
import { useTitle } from '../shell/use-title.ts'
import { buttonStyle } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Problem } from '../ui/problem.tsx'
import { Screen } from '../ui/screen.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { isUnfinished } from './job-actions.ts'
import { JobButtons } from './job-buttons.tsx'
import { JobFacts } from './job-facts.tsx'
import type { JobScope } from './job-scope.ts'
import { JobStateBadge, shownState } from './job-state-badge.tsx'
import { JobTimeline } from './job-timeline.tsx'
import { jobName, kindName, reasonText } from './job-words.ts'
import type { ReadState } from './read-state.ts'
import { useNow } from './use-now.ts'

/** "Why is this waiting?", in words, with what comes next. */
const Why = ({ job, now }: { job: JobDetail; now: number }) => {
  if (!isUnfinished(job)) return null
  const stopping = shownState(job) === 'stopping'
  if (job.why === null && !stopping && job.expectedAt === null) return null
  const seconds = job.expectedAt === null ? null : Math.max(0, (Date.parse(job.expectedAt) - now) / 1000)
  const parts = stopping
    ? [t('jobs.stopping')]
    : [job.why, seconds === null ? null : t('jobs.expected', { time: formatAbout(seconds) })]
  return (
    <section
      aria-label={t('jobs.why')}
      data-testid="job-why"
      className="mb-6 flex items-start gap-3 rounded-xl border border-line bg-sunken p-3.5"
    >
      <Hourglass className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden />
      <p role="status">{parts.filter((part) => part !== null).join(' ')}</p>
    </section>
  )
}

const Back = ({ scope }: { scope: JobScope }) => (
  <Link href={scope.listPath} className={buttonStyle({ look: 'ghost', size: 'small' })}>
    <ArrowLeft className="size-4 rtl:-scale-x-100" aria-hidden />
    {t('jobs.back')}
  </Link>
)

const Loaded = ({ job, scope }: { job: JobDetail; scope: JobScope }) => {
  const name = jobName(job)
  const now = useNow(isUnfinished(job))
  useTitle(t('jobs.titleOf', { name }))
  const failed = job.state === 'failed' || job.state === 'retrying'
  return (
    <Screen
      title={name}
      lead={kindName(job.kind)}
      actions={
        <>
          <Back scope={scope} />
          <JobButtons job={job} scope={scope} />
        </>
      }
    >
      <div className="mb-6" data-testid="job-state" data-state={shownState(job)}>
        <JobStateBadge job={job} />
      </div>
      <Why job={job} now={now} />
      {failed && (job.errorClass !== null || job.errorMessage !== null) && (
        <section
          aria-label={t('jobs.error')}
          data-testid="job-error"
          className="mb-6 rounded-xl border border-danger/30 bg-danger-soft p-3.5 [overflow-wrap:anywhere]"
        >
          <p className="font-medium">{job.errorMessage ?? reasonText(job.errorClass ?? '') ?? t('jobs.error')}</p>
          {job.errorClass !== null && <code className="text-xs text-ink-2">{job.errorClass}</code>}
        </section>
      )}
      <div className="grid gap-8 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <section aria-labelledby="job-timeline" className="min-w-0">
          <h2 id="job-timeline" className="text-base font-semibold">
            {t('jobs.timeline')}
          </h2>
          <JobTimeline job={job} now={now} />
        </section>
        <section aria-labelledby="job-facts" className="min-w-0">
          <h2 id="job-facts" className="text-base font-semibold">
            {t('jobs.details')}
          </h2>
          <JobFacts job={job} now={now} />
        </section>
      </div>
    </Screen>
  )
}

interface JobViewProps {
  query: Pick<ReadState<JobDetail>, 'data' | 'error' | 'refetch'>
  scope: JobScope
}

/** A job: where it stands and why, what happened, what it is about, and what can be done. */
export const JobView = ({ query: { data, error, refetch }, scope }: JobViewProps) => {
  // What is gone must not stand there as it was.
  if (error !== null && appErrorOf(error)?.code === 'not_found')
    return (
      <EmptyState level={1} icon={<SearchX />} title={t('jobs.notFound.title')} body={t('jobs.notFound.body')}>
        <Back scope={scope} />
      </EmptyState>
    )
  if (data !== undefined) return <Loaded job={data} scope={scope} />
  return (
    <Screen title={t('jobs.title')} lead="" actions={<Back scope={scope} />}>
      {error === null ? (
        <div aria-busy="true" className="grid gap-3">
          <p role="status" className="sr-only">
            {t('common.loading')}
          </p>
          <Skeleton className="h-6 w-40" />
          <Skeleton className="h-48" />
        </div>
      ) : (
        <Problem problem={problemOf(error)} onRetry={() => void refetch()} />
      )}
    </Screen>
  )
}

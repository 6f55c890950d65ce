'use client'

import type { JobDetail } from '@quarry/contracts'
import type { ReactNode } from 'react'
import { formatClock, formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'
import { timedStages } from './attempt-stages.ts'
import { stageName } from './job-words.ts'

type Attempt = JobDetail['attempts'][number]

const DOTS: Record<Attempt['state'], string> = {
  running: 'bg-accent animate-breathe',
  succeeded: 'bg-accent',
  failed: 'bg-danger',
  retrying: 'bg-warn',
  cancelled: 'bg-control',
  returned: 'bg-control',
  lost: 'bg-danger',
}

const Point = ({ dot, at, children }: { dot: string; at: string; children: ReactNode }) => (
  <li className="relative grid grid-cols-[1.25rem_minmax(0,1fr)] pb-5 last:pb-0">
    <span aria-hidden className="absolute start-[0.3125rem] top-3 bottom-0 w-px bg-line-strong" />
    <span aria-hidden className={classNames('relative mt-1.5 size-2.5 rounded-full', dot)} />
    <div className="min-w-0">
      <time dateTime={at} className="float-end ms-3 text-xs text-ink-3 tabular-nums">
        {formatClock(at)}
      </time>
      {children}
    </div>
  </li>
)

const Stages = ({ attempt, now }: { attempt: Attempt; now: number }) => (
  <ul className="mt-2 grid gap-1.5" aria-label={t('jobs.timeline.stages', { attempt: attempt.attempt })}>
    {timedStages(attempt, now).map(({ stage, at, ms, share }) => (
      <li key={`${stage} ${at}`} className="grid grid-cols-[9rem_minmax(0,1fr)_4rem] items-center gap-3 text-xs">
        <span className="truncate text-ink-2">{stageName(stage)}</span>
        <span aria-hidden className="h-1.5 rounded-full bg-hover">
          <span
            className={classNames('block h-full rounded-full', ms === null ? 'animate-breathe bg-accent' : 'bg-accent')}
            style={{ width: `${Math.max(1, share * 100)}%` }}
          />
        </span>
        <span className="text-end text-ink-3 tabular-nums">{ms === null ? '…' : formatDuration(ms)}</span>
      </li>
    ))}
  </ul>
)

const AttemptPoint = ({ attempt, now }: { attempt: Attempt; now: number }) => {
  const { state, startedAt, finishedAt, worker, errorClass, errorMessage, errorStack } = attempt
  const ms = (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt)
  return (
    <Point dot={DOTS[state]} at={startedAt}>
      <p className="font-medium" data-testid="attempt" data-state={state}>
        {t('jobs.timeline.attempt', { attempt: attempt.attempt })}: {t(`jobs.attempt.${state}`)}
      </p>
      <p className="text-xs text-ink-3 [overflow-wrap:anywhere]">
        <span className="tabular-nums">{formatDuration(ms)}</span> {t('jobs.timeline.by', { worker })}
      </p>
      <Stages attempt={attempt} now={now} />
      {errorMessage !== null && (
        <p className="mt-2 text-[0.8125rem] [overflow-wrap:anywhere] text-ink-2">
          {errorClass !== null && <code className="me-1.5 text-danger">{errorClass}</code>}
          {errorMessage}
        </p>
      )}
      {errorStack !== null && (
        <details className="mt-1.5 text-xs">
          <summary className="w-fit rounded text-ink-2">{t('jobs.timeline.stack')}</summary>
          <pre className="mt-1.5 rounded-lg bg-sunken p-3 font-mono [overflow-wrap:anywhere] whitespace-pre-wrap">
            {errorStack}
          </pre>
        </details>
      )}
    </Point>
  )
}

/** From when it was asked for, through each time that a worker took it up, to its end. */
export const JobTimeline = ({ job, now }: { job: JobDetail; now: number }) => (
  <ol className="mt-3">
    <Point dot="bg-control" at={job.enqueuedAt}>
      <p className="font-medium">{t('jobs.timeline.asked')}</p>
      {job.attempts.length === 0 && <p className="text-xs text-ink-3">{t('jobs.timeline.noAttempt')}</p>}
    </Point>
    {job.attempts
      .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
      .map((attempt) => (
        <AttemptPoint key={`${attempt.attempt} ${attempt.startedAt}`} attempt={attempt} now={now} />
      ))}
    {job.finishedAt !== null && (
      <Point
        dot={DOTS[job.state === 'succeeded' ? 'succeeded' : job.state === 'failed' ? 'failed' : 'cancelled']}
        at={job.finishedAt}
      >
        <p className="font-medium">{t('jobs.timeline.ended', { state: t(`jobs.state.${job.state}`) })}</p>
      </Point>
    )}
  </ol>
)

import type { JobItem } from '@quarry/contracts'
import { Ban, CircleAlert, CircleCheck, Clock, ListStart, LoaderCircle, OctagonX, RotateCw } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { Badge } from '../ui/badge.tsx'
import { Progress } from '../ui/progress.tsx'
import { jobName, stageName } from './job-words.ts'

const LOOKS = {
  waiting: { icon: <Clock aria-hidden />, tone: 'neutral' },
  queued: { icon: <ListStart aria-hidden />, tone: 'neutral' },
  running: { icon: <LoaderCircle className="animate-spin" aria-hidden />, tone: 'neutral' },
  retrying: { icon: <RotateCw aria-hidden />, tone: 'warn' },
  succeeded: { icon: <CircleCheck aria-hidden />, tone: 'good' },
  failed: { icon: <CircleAlert aria-hidden />, tone: 'danger' },
  cancelled: { icon: <Ban aria-hidden />, tone: 'neutral' },
  stopping: { icon: <OctagonX aria-hidden />, tone: 'warn' },
} as const

/** What is shown of a job's state: one that was asked to stop is stopping until it has. */
export const shownState = ({ state, cancelRequested }: Pick<JobItem, 'state' | 'cancelRequested'>) => {
  const ending = cancelRequested && (state === 'running' || state === 'retrying')
  return ending ? 'stopping' : state
}

/** Where a job stands; while it runs, at which stage and how far. */
export const JobStateBadge = ({ job }: { job: JobItem }) => {
  const shown = shownState(job)
  const { icon, tone } = LOOKS[shown]
  const running = shown === 'running'
  return (
    <span className="inline-block">
      <Badge tone={tone}>
        {icon}
        {t(`jobs.state.${shown}`)}
        {running && job.progress !== null && (
          <span className="tabular-nums">{t('common.percent', { value: job.progress })}</span>
        )}
      </Badge>
      {running && (
        <span className="block">
          {job.progress !== null && (
            <Progress label={t('jobs.progress', { name: jobName(job) })} value={job.progress} className="mt-1.5 w-28" />
          )}
          {job.stage !== null && <span className="mt-1 block text-xs text-ink-3">{stageName(job.stage)}</span>}
        </span>
      )}
    </span>
  )
}

import type { JobDetail } from '@quarry/contracts'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { formatClock, formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { priorityName } from './job-words.ts'

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-3 border-t border-line py-2">
    <dt className="text-ink-3 [overflow-wrap:anywhere]">{name}</dt>
    <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
  </div>
)

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What is known of a job: its document, its times, its worker, and every id that it carries. */
export const JobFacts = ({ job, now }: { job: JobDetail; now: number }) => {
  const { document, enqueuedAt, startedAt, finishedAt } = job
  const waited = Date.parse(startedAt ?? finishedAt ?? new Date(now).toISOString()) - Date.parse(enqueuedAt)
  return (
    <dl className="mt-3 border-b border-line text-[0.8125rem]">
      {job.organisation !== null && (
        <Fact name={t('jobs.column.organisation')}>
          <bdi>{job.organisation.name}</bdi>
        </Fact>
      )}
      {document !== null && (
        <Fact name={t('jobs.document')}>
          <Link href={`/documents?q=${encodeURIComponent(document.path)}`} className="font-medium hover:underline">
            <bdi>{document.path}</bdi>
          </Link>
        </Fact>
      )}
      <Fact name={t('jobs.detail.asked')}>{formatClock(enqueuedAt)}</Fact>
      {startedAt !== null && <Fact name={t('jobs.detail.started')}>{formatClock(startedAt)}</Fact>}
      {finishedAt !== null && <Fact name={t('jobs.detail.finished')}>{formatClock(finishedAt)}</Fact>}
      <Fact name={t('jobs.detail.waited')}>{formatDuration(waited)}</Fact>
      {startedAt !== null && (
        <Fact name={t('jobs.detail.took')}>
          {formatDuration((finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt))}
        </Fact>
      )}
      <Fact name={t('jobs.detail.priority')}>{priorityName(job.priority)}</Fact>
      {job.worker !== null && <Fact name={t('jobs.detail.worker')}>{job.worker}</Fact>}
      <Fact name={t('jobs.detail.id')}>
        <code>{job.id}</code>
      </Fact>
      {Object.entries(job.payload).map(([name, value]) => (
        <Fact key={name} name={name}>
          <code>{valueText(value)}</code>
        </Fact>
      ))}
    </dl>
  )
}

'use client'

import type { JobItem } from '@quarry/contracts'
import Link from 'next/link'
import { useState } from 'react'
import { formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { Badge } from '../ui/badge.tsx'
import { Moment } from '../ui/moment.tsx'
import { cellStyle, rowStyle, Table } from '../ui/table.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { JobMenu } from './job-menu.tsx'
import { type JobScope, useJobActions } from './job-scope.ts'
import { JobStateBadge, shownState } from './job-state-badge.tsx'
import { jobName, kindName } from './job-words.ts'

interface JobTableProps {
  jobs: readonly JobItem[]
  scope: JobScope
  /** Of all workspaces: each says whose it is, and choosing one shows only its jobs. */
  onOrganisation?: ((id: NonNullable<JobItem['organisation']>['id']) => void) | undefined
}

const COLUMNS = [
  { key: 'what', label: t('jobs.column.what') },
  { key: 'organisation', label: t('jobs.column.organisation'), className: 'hidden sm:table-cell' },
  { key: 'state', label: t('jobs.column.state') },
  { key: 'asked', label: t('jobs.column.asked'), className: 'hidden md:table-cell' },
  { key: 'took', label: t('jobs.column.took'), className: 'hidden lg:table-cell text-end' },
  { key: 'actions', label: t('jobs.column.actions'), quiet: true },
]

const took = ({ startedAt, finishedAt }: JobItem): string =>
  startedAt === null || finishedAt === null ? '–' : formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))

export const JobTable = ({ jobs, scope, onOrganisation }: JobTableProps) => {
  const actions = useJobActions(scope)
  const [doomed, setDoomed] = useState<JobItem | null>(null)
  return (
    <>
      <Table
        caption={t('jobs.list')}
        columns={COLUMNS.filter(({ key }) => key !== 'organisation' || onOrganisation !== undefined)}
      >
        {jobs.map((job) => (
          <tr
            key={`${job.organisation?.id ?? ''}${job.id}`}
            className={rowStyle}
            data-testid="job-row"
            data-job={job.id}
            data-state={shownState(job)}
          >
            <td className="min-w-0 py-3 pe-4 [overflow-wrap:anywhere]">
              <Link href={scope.hrefOf(job)} prefetch={false} className="font-medium hover:underline">
                <bdi className="line-clamp-2">{jobName(job)}</bdi>
              </Link>
              <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
                {(job.document !== null || job.organisation === null) && kindName(job.kind)}
                {job.organisation !== null && <code>{job.id.slice(-8)}</code>}
                {job.attempt > 1 && <span>{t('jobs.attempt', { attempt: job.attempt, max: job.maxAttempts })}</span>}
                {job.bulk && (
                  <span title={t('jobs.bulkHint')}>
                    <Badge>{t('jobs.bulk')}</Badge>
                  </span>
                )}
                <span className="md:hidden">
                  <Moment iso={job.enqueuedAt} />
                </span>
              </p>
              {job.errorMessage !== null && job.state !== 'succeeded' && (
                <p className="mt-1 line-clamp-2 text-ink-2">{job.errorMessage}</p>
              )}
            </td>
            {onOrganisation !== undefined && (
              <td className={`${cellStyle} hidden sm:table-cell`}>
                {job.organisation !== null && (
                  <button
                    type="button"
                    className="text-start [overflow-wrap:anywhere] hover:underline"
                    onClick={() => job.organisation !== null && onOrganisation(job.organisation.id)}
                    title={t('operations.organisation', { name: job.organisation.name })}
                  >
                    <bdi>{job.organisation.name}</bdi>
                  </button>
                )}
              </td>
            )}
            <td className={cellStyle}>
              <JobStateBadge job={job} />
            </td>
            <td className={`${cellStyle} hidden md:table-cell`}>
              <Moment iso={job.enqueuedAt} />
            </td>
            <td className={`${cellStyle} hidden text-end tabular-nums lg:table-cell`}>{took(job)}</td>
            <td className="py-2 text-end">
              <JobMenu job={job} href={scope.hrefOf(job)} actions={actions} onCancel={() => setDoomed(job)} />
            </td>
          </tr>
        ))}
      </Table>
      <CancelDialog job={doomed} actions={actions} onClose={() => setDoomed(null)} />
    </>
  )
}

'use client'

import type { WorkerItem } from '@quarry/contracts'
import { ServerOff } from 'lucide-react'
import Link from 'next/link'
import { formatAgo, formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { kindName, stageName } from '../jobs/job-words.ts'
import { useNow } from '../jobs/use-now.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { cellStyle, rowStyle, Table } from '../ui/table.tsx'

const COLUMNS = [
  { key: 'process', label: t('operations.workers.process') },
  { key: 'lanes', label: t('operations.workers.lanes'), className: 'hidden md:table-cell' },
  { key: 'running', label: t('operations.workers.running') },
]

const lanesOf = ({ lanes }: WorkerItem): string =>
  lanes.map(({ lane, places }) => t('operations.workers.places', { lane, count: places })).join(', ')

const Running = ({ running }: Pick<WorkerItem, 'running'>) => {
  const now = useNow(running.length > 0)
  if (running.length === 0) return t('operations.workers.idle')
  return (
    <ul className="grid gap-1">
      {running.map(({ id, orgId, kind, stage, progress, startedAt }) => (
        <li key={id} className="[overflow-wrap:anywhere]">
          <Link href={`/operations/jobs/${orgId}/${id}`} prefetch={false} className="text-ink hover:underline">
            {stage === null
              ? kindName(kind)
              : t('operations.workers.job', { kind: kindName(kind), stage: stageName(stage) })}
          </Link>{' '}
          <span className="text-xs text-ink-3 tabular-nums">
            {progress !== null && `${t('common.percent', { value: progress })} · `}
            {t('operations.workers.for', { time: formatDuration(Math.max(0, now - Date.parse(startedAt))) })}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** The worker processes that live, and what each of them is doing. */
export const WorkerTable = ({ workers }: { workers: readonly WorkerItem[] }) =>
  workers.length === 0 ? (
    <EmptyState
      icon={<ServerOff />}
      title={t('operations.workers.none.title')}
      body={t('operations.workers.none.body')}
    />
  ) : (
    <Table caption={t('operations.workers')} columns={COLUMNS}>
      {workers.map((worker) => (
        <tr key={worker.process} className={rowStyle} data-testid="worker-row">
          <td className="py-3 pe-4 [overflow-wrap:anywhere]">
            <p className="font-medium">{worker.process}</p>
            <p className="text-xs text-ink-3">{worker.host}</p>
            <p className="text-xs text-ink-3">
              {t('operations.workers.since', { moment: formatAgo(worker.startedAt) })}
            </p>
            <p className="text-xs text-ink-3 md:hidden">{lanesOf(worker)}</p>
          </td>
          <td className={`${cellStyle} hidden md:table-cell`}>{lanesOf(worker)}</td>
          <td className={cellStyle}>
            <Running running={worker.running} />
          </td>
        </tr>
      ))}
    </Table>
  )

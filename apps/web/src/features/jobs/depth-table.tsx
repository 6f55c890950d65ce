import type { JobOverview } from '@quarry/contracts'
import { Pause } from 'lucide-react'
import type { ComponentType } from 'react'
import { t } from '../../i18n/translate.ts'
import { Badge } from '../ui/badge.tsx'
import { Moment } from '../ui/moment.tsx'
import { cellStyle, rowStyle, Table } from '../ui/table.tsx'
import { kindName } from './job-words.ts'

type Kind = JobOverview['kinds'][number]

const COLUMNS = [
  { key: 'kind', label: t('jobs.depth.kind') },
  { key: 'waiting', label: t('jobs.depth.waiting'), className: 'text-end' },
  { key: 'running', label: t('jobs.depth.running'), className: 'text-end' },
  { key: 'retrying', label: t('jobs.depth.retrying'), className: 'hidden text-end sm:table-cell' },
  { key: 'oldest', label: t('jobs.depth.oldest'), className: 'hidden md:table-cell' },
]
const NUMBER = `${cellStyle} text-end tabular-nums`

interface DepthTableProps {
  kinds: readonly Kind[]
  /** What can be done with a kind, for who may. */
  KindActions?: ComponentType<Kind> | undefined
}

/** How much there is to do of each kind, and since when. */
export const DepthTable = ({ kinds, KindActions }: DepthTableProps) => {
  const columns = KindActions ? [...COLUMNS, { key: 'actions', label: t('jobs.column.actions'), quiet: true }] : COLUMNS
  return (
    <Table caption={t('jobs.depth')} columns={columns}>
      {kinds.map((one) => (
        <tr key={one.kind} className={rowStyle} data-testid="depth-row" data-kind={one.kind} data-paused={one.paused}>
          <td className="py-3 pe-4 font-medium">
            <span className="flex flex-wrap items-center gap-2">
              {kindName(one.kind)}
              {one.paused && (
                <span title={t('jobs.depth.pausedHint')}>
                  <Badge tone="warn">
                    <Pause aria-hidden />
                    {t('jobs.depth.paused')}
                  </Badge>
                </span>
              )}
            </span>
            {one.oldestAt !== null && (
              <span className="block text-xs font-normal text-ink-3 md:hidden">
                {t('jobs.depth.oldest')}: <Moment iso={one.oldestAt} />
              </span>
            )}
          </td>
          <td className={NUMBER}>{(one.waiting + one.queued).toLocaleString()}</td>
          <td className={NUMBER}>{one.running}</td>
          <td className={`${NUMBER} hidden sm:table-cell`}>{one.retrying}</td>
          <td className={`${cellStyle} hidden md:table-cell`}>
            {one.oldestAt === null ? t('jobs.depth.none') : <Moment iso={one.oldestAt} />}
          </td>
          {KindActions && (
            <td className="py-2 text-end">
              <KindActions {...one} />
            </td>
          )}
        </tr>
      ))}
    </Table>
  )
}

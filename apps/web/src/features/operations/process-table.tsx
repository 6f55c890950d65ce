import type { ProcessItem } from '@quarry/contracts'
import { formatAgo, formatBytes, formatDuration } from '../../i18n/format.ts'
import { LOCALE, t } from '../../i18n/translate.ts'
import { Badge } from '../ui/badge.tsx'
import { cellStyle, NameCell, rowStyle, Table } from '../ui/table.tsx'

const COLUMNS = [
  { key: 'process', label: t('operations.figures.process') },
  { key: 'since', label: t('operations.figures.since'), className: 'hidden sm:table-cell' },
  { key: 'build', label: t('operations.figures.build'), className: 'hidden lg:table-cell' },
  { key: 'memory', label: t('operations.figures.memory') },
  { key: 'loop', label: t('operations.figures.loop'), className: 'hidden sm:table-cell' },
  { key: 'work', label: t('operations.figures.work') },
]

const NONE = '–'
const numbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 })
export const formatNumber = (value: number): string => numbers.format(value)

const workOf = ({ requestsPerSecond, jobsPerMinute }: ProcessItem): string =>
  requestsPerSecond !== null
    ? t('operations.figures.requestsNow', { value: formatNumber(requestsPerSecond) })
    : jobsPerMinute !== null
      ? t('operations.figures.jobsNow', { value: formatNumber(jobsPerMinute) })
      : NONE

/** Web servers and workers that report, and those that stopped doing so lately. */
export const ProcessTable = ({ processes }: { processes: readonly ProcessItem[] }) => (
  <Table caption={t('operations.figures')} columns={COLUMNS}>
    {processes.map((item) => (
      <tr key={item.process} className={rowStyle} data-testid="process-row" data-kind={item.kind} data-live={item.live}>
        <NameCell
          name={t(`operations.figures.${item.kind}`, { index: item.index })}
          note={
            item.live ? item.host : `${item.host}, ${t('operations.figures.seen', { moment: formatAgo(item.seenAt) })}`
          }
          badge={
            <Badge tone={item.live ? 'good' : 'danger'}>
              {t(item.live ? 'operations.figures.live' : 'operations.figures.gone')}
            </Badge>
          }
        />
        <td className={`${cellStyle} hidden sm:table-cell`}>{formatAgo(item.startedAt)}</td>
        <td className={`${cellStyle} hidden lg:table-cell [overflow-wrap:anywhere]`}>
          {item.build === '' ? NONE : <code className="text-xs">{item.build}</code>}
        </td>
        <td className={`${cellStyle} tabular-nums`}>{item.rssBytes === null ? NONE : formatBytes(item.rssBytes)}</td>
        <td className={`${cellStyle} hidden tabular-nums sm:table-cell`}>
          {item.loopDelayMs === null ? NONE : formatDuration(item.loopDelayMs)}
        </td>
        <td className={`${cellStyle} tabular-nums`}>{workOf(item)}</td>
      </tr>
    ))}
  </Table>
)

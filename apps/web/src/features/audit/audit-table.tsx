'use client'

import type { AuditEvent } from '@quarry/contracts'
import { formatMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { cellStyle, NameCell, rowStyle, Table } from '../ui/table.tsx'
import { actionText, actorName, detailsText } from './audit-text.ts'

const COLUMNS = [
  { key: 'when', label: t('audit.column.when') },
  { key: 'who', label: t('audit.column.who') },
  { key: 'what', label: t('audit.column.what') },
  { key: 'details', label: t('audit.column.details'), className: 'hidden md:table-cell' },
]

export const AuditTable = ({ events }: { events: readonly AuditEvent[] }) => (
  <Table caption={t('audit.title')} columns={COLUMNS}>
    {events.map((event) => {
      const details = detailsText(event.details)
      return (
        <tr key={event.id} className={rowStyle} data-testid="audit-row" data-action={event.action}>
          <td className={`${cellStyle} whitespace-nowrap tabular-nums`}>
            <time dateTime={event.at}>{formatMoment(event.at)}</time>
          </td>
          <NameCell name={actorName(event)} note={event.actor.email} />
          <td className={`${cellStyle} [overflow-wrap:anywhere]`} dir="auto">
            {actionText(event)}
            {details !== '' && <span className="block text-xs text-ink-3 md:hidden">{details}</span>}
          </td>
          <td className={`${cellStyle} hidden [overflow-wrap:anywhere] md:table-cell`}>{details}</td>
        </tr>
      )
    })}
  </Table>
)

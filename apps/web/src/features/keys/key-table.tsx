'use client'

import type { ApiKey } from '@quarry/contracts'
import { useState } from 'react'
import { formatMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Moment } from '../ui/moment.tsx'
import { cellStyle, rowStyle, Table } from '../ui/table.tsx'

interface KeyTableProps {
  keys: readonly ApiKey[]
  onRevoke: (key: ApiKey) => void
}

const Expiry = ({ expiresAt }: { expiresAt: string | null }) => {
  const [openedAt] = useState(Date.now)
  if (expiresAt === null) return t('keys.expiry.never')
  if (Date.parse(expiresAt) < openedAt) return <Badge tone="warn">{t('keys.expired')}</Badge>
  return (
    <time dateTime={expiresAt} className="whitespace-nowrap">
      {formatMoment(expiresAt)}
    </time>
  )
}

const COLUMNS = [
  { key: 'name', label: t('keys.column.name') },
  { key: 'role', label: t('keys.column.role') },
  { key: 'created', label: t('keys.column.created'), className: 'hidden md:table-cell' },
  { key: 'used', label: t('keys.column.used'), className: 'hidden sm:table-cell' },
  { key: 'expires', label: t('keys.column.expires'), className: 'hidden md:table-cell' },
  { key: 'actions', label: t('keys.column.actions'), quiet: true },
]

export const KeyTable = ({ keys, onRevoke }: KeyTableProps) => (
  <Table caption={t('keys.title')} columns={COLUMNS}>
    {keys.map((key) => (
      <tr key={key.id} className={rowStyle} data-testid="key-row">
        <td className="min-w-0 py-3 pe-4">
          <p className="font-medium [overflow-wrap:anywhere]" dir="auto">
            {key.name}
          </p>
          <code className="font-mono text-xs text-ink-3">{key.start}…</code>
          {key.madeBy !== null && (
            <p className="text-xs text-ink-3 [overflow-wrap:anywhere]">
              {t(key.madeBy.isThere ? 'keys.madeBy' : 'keys.madeBySomebodyGone', { name: key.madeBy.name })}
            </p>
          )}
        </td>
        <td className={cellStyle}>{t(`role.${key.role}`)}</td>
        <td className={`${cellStyle} hidden md:table-cell`}>
          <Moment iso={key.createdAt} />
        </td>
        <td className={`${cellStyle} hidden sm:table-cell`}>
          {key.lastUsedAt === null ? t('keys.used.never') : <Moment iso={key.lastUsedAt} />}
        </td>
        <td className={`${cellStyle} hidden md:table-cell`}>
          <Expiry expiresAt={key.expiresAt} />
        </td>
        <td className="py-2 text-end">
          <Button
            look="ghost"
            size="small"
            className="text-danger enabled:hover:text-danger"
            aria-label={t('keys.revokeOf', { name: key.name })}
            onClick={() => onRevoke(key)}
          >
            {t('keys.revoke')}
          </Button>
        </td>
      </tr>
    ))}
  </Table>
)

'use client'

import type { Collection } from '@quarry/contracts'
import { Ellipsis, Lock, Pencil, Trash2, Users } from 'lucide-react'
import Link from 'next/link'
import { t } from '../../i18n/translate.ts'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { Moment } from '../ui/moment.tsx'
import { cellStyle, rowStyle, Table } from '../ui/table.tsx'

export type CollectionAction = 'access' | 'rename' | 'delete'

const COLUMNS = [
  { key: 'name', label: t('access.column.name') },
  { key: 'visibility', label: t('access.column.visibility'), className: 'hidden sm:table-cell' },
  { key: 'created', label: t('access.column.created'), className: 'hidden md:table-cell' },
  { key: 'actions', label: t('access.column.actions'), quiet: true },
]

const VisibilityBadge = ({ visibility }: Pick<Collection, 'visibility'>) => (
  <Badge tone={visibility === 'restricted' ? 'warn' : 'neutral'}>
    {visibility === 'restricted' ? <Lock aria-hidden /> : <Users aria-hidden />}
    {t(`access.visibility.${visibility}`)}
  </Badge>
)

interface CollectionTableProps {
  collections: readonly Collection[]
  onAction: (action: CollectionAction, collection: Collection) => void
}

export const CollectionTable = ({ collections, onAction }: CollectionTableProps) => (
  <Table caption={t('access.title')} columns={COLUMNS}>
    {collections.map((collection) => (
      <tr key={collection.id} className={rowStyle} data-testid="collection-row">
        <td className="min-w-0 py-3 pe-4">
          <Link
            href={`/documents?collection=${collection.id}`}
            className="font-medium [overflow-wrap:anywhere] hover:underline"
            dir="auto"
          >
            {collection.name}
          </Link>
          <p className="text-xs text-ink-3">{t('access.documents', { count: collection.documents })}</p>
          <p className="mt-1 sm:hidden">
            <VisibilityBadge visibility={collection.visibility} />
          </p>
        </td>
        <td className={`${cellStyle} hidden sm:table-cell`}>
          <VisibilityBadge visibility={collection.visibility} />
        </td>
        <td className={`${cellStyle} hidden md:table-cell`}>
          <Moment iso={collection.createdAt} />
        </td>
        <td className="py-2 text-end whitespace-nowrap">
          <Button size="small" className="me-1" onClick={() => onAction('access', collection)}>
            {t('access.manage')}
          </Button>
          <Menu
            trigger={
              <IconButton label={t('access.actionsOf', { name: collection.name })}>
                <Ellipsis className="size-4" aria-hidden />
              </IconButton>
            }
          >
            <MenuItem onClick={() => onAction('rename', collection)}>
              <Pencil className="size-4 text-ink-2" aria-hidden />
              {t('access.rename')}
            </MenuItem>
            <MenuItem className="text-danger" onClick={() => onAction('delete', collection)}>
              <Trash2 className="size-4" aria-hidden />
              {t('access.delete')}
            </MenuItem>
          </Menu>
        </td>
      </tr>
    ))}
  </Table>
)

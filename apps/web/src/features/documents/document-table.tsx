'use client'

import type { Collection, DocumentItem } from '@quarry/contracts'
import { useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { DocumentRow } from './document-row.tsx'
import { useDocumentActions } from './use-document-actions.ts'
import { usePlaces } from './use-places.ts'

const COLUMNS = [
  { key: 'name', className: 'ps-3' },
  { key: 'collection', className: 'hidden lg:table-cell' },
  { key: 'state', className: '' },
  { key: 'pages', className: 'text-end' },
  { key: 'size', className: 'text-end' },
  { key: 'language', className: 'hidden xl:table-cell' },
  { key: 'added', className: 'hidden lg:table-cell' },
] as const

interface DocumentTableProps {
  items: readonly DocumentItem[]
  collections: readonly Collection[]
}

export const DocumentTable = ({ items, collections }: DocumentTableProps) => {
  const [doomed, setDoomed] = useState<DocumentItem | null>(null)
  const { retry, remove, removing } = useDocumentActions(() => setDoomed(null))
  const table = useRef<HTMLTableElement>(null)
  const places = usePlaces(items, table)
  const nameOf = new Map(collections.map((c) => [c.id, c.name]))
  return (
    <>
      <table ref={table} className="block w-full border-b border-line text-[0.8125rem] md:table">
        <caption className="sr-only">{t('documents.title')}</caption>
        <thead className="sr-only md:not-sr-only md:table-header-group">
          <tr className="text-xs text-ink-3">
            {COLUMNS.map(({ key, className }) => (
              <th key={key} scope="col" className={classNames('pe-4 pb-2 text-start font-medium', className)}>
                {t(`documents.column.${key}`)}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">{t('documents.column.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody className="block md:table-row-group">
          {items.map((item) => (
            <DocumentRow
              key={item.id}
              item={item}
              collection={nameOf.get(item.collectionId) ?? ''}
              place={places.get(item.id)}
              onRetry={() => retry(item)}
              onDelete={() => setDoomed(item)}
            />
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={(open) => !open && setDoomed(null)}
        title={t('documents.delete.title')}
        body={t('documents.delete.body', { name: doomed?.title ?? '' })}
        confirmLabel={t('common.delete')}
        busy={removing}
        onConfirm={() => doomed !== null && remove(doomed)}
      />
    </>
  )
}

export const DocumentTableSkeleton = () => (
  <div aria-busy="true" className="grid gap-px">
    <p role="status" className="sr-only">
      {t('common.loading')}
    </p>
    {[0, 1, 2, 3, 4, 5].map((row) => (
      <div key={row} className="flex items-center gap-4 border-t border-line px-3 py-3.5">
        <Skeleton className="h-4 flex-1" />
        <Skeleton className="h-5 w-28 rounded-full" />
        <Skeleton className="hidden h-4 w-24 md:block" />
      </div>
    ))}
  </div>
)

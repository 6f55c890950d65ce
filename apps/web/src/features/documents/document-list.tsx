'use client'

import type { Collection } from '@quarry/contracts'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { FileUp, SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Problem } from '../ui/problem.tsx'
import { DocumentTable, DocumentTableSkeleton } from './document-table.tsx'
import { FilterBar } from './filter-bar.tsx'
import type { useDocumentFilters } from './use-document-filters.ts'

/** About two screens; more on demand. */
const PAGE_SIZE = 50

interface DocumentListProps {
  collections: readonly Collection[]
  filters: ReturnType<typeof useDocumentFilters>
  mayUpload: boolean
  /** How documents are added. */
  actions: ReactNode
  newCollection: ReactNode
}

/** The documents that match the filters, or what to do where there are none. */
export const DocumentList = ({ collections, filters, mayUpload, actions, newCollection }: DocumentListProps) => {
  const { collectionId, state, mediaType, query } = filters.filters
  const list = useInfiniteQuery(
    useTRPC().documents.list.infiniteQueryOptions(
      { limit: PAGE_SIZE, collectionId, state, mediaType, query: query === '' ? null : query },
      { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
    ),
  )
  const items = list.data?.pages.flatMap((page) => page.items)
  const nothingYet = items?.length === 0 && !filters.active
  return (
    <>
      {!nothingYet && (
        <div className="mt-5 mb-4">
          <FilterBar
            collections={collections}
            filters={filters.filters}
            onChange={filters.set}
            trailing={newCollection}
          />
        </div>
      )}
      {list.isPending && <DocumentTableSkeleton />}
      {list.isError && items === undefined && (
        <Problem problem={problemOf(list.error)} onRetry={() => void list.refetch()} />
      )}
      {nothingYet && (
        <div className="mt-6 rounded-2xl border border-dashed border-line-strong">
          <EmptyState
            icon={<FileUp />}
            title={t('documents.empty.title')}
            body={mayUpload ? t('documents.empty.body') : t('documents.empty.bodyViewer')}
          >
            {actions}
            <div className="w-full">{newCollection}</div>
          </EmptyState>
        </div>
      )}
      {items?.length === 0 && filters.active && (
        <EmptyState icon={<SearchX />} title={t('documents.none.title')} body={t('documents.none.body')}>
          <Button onClick={filters.clear}>{t('documents.none.clear')}</Button>
        </EmptyState>
      )}
      {items !== undefined && items.length > 0 && (
        <div className={list.isPlaceholderData ? 'opacity-60 transition-opacity' : undefined}>
          <DocumentTable items={items} collections={collections} />
          <div className="mt-4 flex items-center justify-between gap-4">
            <p role="status" className="text-xs text-ink-3">
              {t('documents.count', { count: items.length })}
            </p>
            {list.hasNextPage && (
              <Button size="small" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {t('common.loadMore')}
              </Button>
            )}
          </div>
        </div>
      )}
    </>
  )
}

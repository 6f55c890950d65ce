'use client'

import { FilterX, FolderX, Search, SearchX, X } from 'lucide-react'
import Link from 'next/link'
import { t } from '../../i18n/translate.ts'
import { useCan } from '../session/use-me.ts'
import { Button, buttonStyle } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import type { ActiveFilter } from './active-filters.ts'
import type { SearchFilters } from './search-address.ts'

/** Before anything is typed. */
export const SearchIntro = ({ nothingToSearch }: { nothingToSearch: boolean }) => {
  const mayAdd = useCan('documents.write')
  if (!nothingToSearch) return <EmptyState icon={<Search />} title={t('search.intro.title')} body={t('search.intro')} />
  return (
    <EmptyState icon={<Search />} title={t('search.nothing.title')} body={t('search.nothing')}>
      {mayAdd && (
        <Link href="/documents" className={buttonStyle({ look: 'primary' })}>
          {t('search.nothing.add')}
        </Link>
      )}
    </EmptyState>
  )
}

interface NoMatchProps {
  query: string
  filters: readonly ActiveFilter[]
  onChange: (change: Partial<SearchFilters>) => void
  onClear: () => void
}

/** Nothing has these words; each filter that may be the reason can be taken off here. */
export const NoMatch = ({ query, filters, onChange, onClear }: NoMatchProps) => (
  <EmptyState
    icon={<SearchX />}
    title={t('search.none.title', { query: query.length > 80 ? `${query.slice(0, 80)}…` : query })}
    body={filters.length > 0 ? t('search.none.filtered', { count: filters.length }) : t('search.none')}
  >
    {filters.map(({ key, label, without }) => (
      <Button key={key} size="small" className="max-w-full" onClick={() => onChange(without)}>
        <X className="size-3.5 shrink-0" aria-hidden />
        <span className="sr-only">{t('search.filter.remove')}</span>
        <span className="truncate" dir="auto">
          {label}
        </span>
      </Button>
    ))}
    {filters.length > 1 && (
      <Button size="small" look="primary" onClick={onClear}>
        <FilterX className="size-4" aria-hidden />
        {t('search.filters.clear')}
      </Button>
    )}
  </EmptyState>
)

/** The address names a collection that is not there for this person. */
export const UnknownCollection = ({ onDrop }: { onDrop: () => void }) => (
  <EmptyState icon={<FolderX />} title={t('search.unknown.title')} body={t('search.unknown')}>
    <Button look="primary" onClick={onDrop}>
      {t('search.unknown.drop')}
    </Button>
  </EmptyState>
)

export const ResultSkeleton = () => (
  <div aria-busy="true" className="grid gap-2">
    <p role="status" className="sr-only">
      {t('common.loading')}
    </p>
    {[0, 1, 2, 3].map((row) => (
      <div key={row} className="rounded-xl border border-line bg-surface p-3">
        <Skeleton className="h-4 w-2/5" />
        <Skeleton className="mt-3 h-3.5 w-full" />
        <Skeleton className="mt-2 h-3.5 w-4/5" />
      </div>
    ))}
  </div>
)

'use client'

import { type Collection, collectionId, versionState } from '@quarry/contracts'
import { Search } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { FilterSelect } from '../ui/field.tsx'
import type { DocumentFilters } from './use-document-filters.ts'

interface FilterBarProps {
  collections: readonly Collection[]
  filters: DocumentFilters
  onChange: (change: Partial<DocumentFilters>) => void
}

export const FilterBar = ({ collections, filters, onChange }: FilterBarProps) => (
  <search className="flex flex-wrap items-center gap-2">
    <div className="relative w-full sm:max-w-72 sm:flex-1">
      <Search className="pointer-events-none absolute inset-y-0 start-2.5 my-auto size-4 text-ink-3" aria-hidden />
      <input
        type="search"
        aria-label={t('documents.filter.query')}
        placeholder={t('documents.filter.query')}
        maxLength={200}
        value={filters.query}
        onChange={(event) => onChange({ query: event.target.value })}
        className="h-9 w-full rounded-lg border border-line-strong bg-surface ps-8.5 pe-2 text-[0.8125rem] placeholder:text-ink-3"
      />
    </div>
    <FilterSelect
      label={t('documents.filter.collection')}
      value={filters.collectionId ?? ''}
      onChange={(event) => onChange({ collectionId: collectionId.safeParse(event.target.value).data ?? null })}
      className="flex-1 sm:max-w-48 sm:flex-none"
    >
      <option value="">{t('documents.filter.allCollections')}</option>
      {collections.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </FilterSelect>
    <FilterSelect
      label={t('documents.filter.state')}
      value={filters.state ?? ''}
      onChange={(event) => onChange({ state: versionState.safeParse(event.target.value).data ?? null })}
      className="flex-1 sm:flex-none"
    >
      <option value="">{t('documents.filter.allStates')}</option>
      {versionState.options.map((state) => (
        <option key={state} value={state}>
          {t(`documents.state.${state}`)}
        </option>
      ))}
    </FilterSelect>
  </search>
)

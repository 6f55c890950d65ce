'use client'

import { type Collection, collectionId, MEDIA_TYPES, mediaType, versionState } from '@quarry/contracts'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { FilterSelect } from '../ui/field.tsx'
import { SearchField } from './search-field.tsx'
import type { DocumentFilters } from './use-document-filters.ts'

interface FilterBarProps {
  collections: readonly Collection[]
  filters: DocumentFilters
  onChange: (change: Partial<DocumentFilters>) => void
  /** What else belongs to the list, at the end of the bar. */
  trailing: ReactNode
}

export const FilterBar = ({ collections, filters, onChange, trailing }: FilterBarProps) => (
  <search className="flex flex-wrap items-center gap-2">
    <SearchField label={t('documents.filter.query')} value={filters.query} onChange={(query) => onChange({ query })} />
    <FilterSelect
      label={t('documents.filter.collection')}
      value={filters.collectionId ?? ''}
      onChange={(event) => onChange({ collectionId: collectionId.safeParse(event.target.value).data ?? null })}
      className="min-w-24 flex-1 sm:max-w-48 sm:flex-none"
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
      className="min-w-24 flex-1 sm:flex-none"
    >
      <option value="">{t('documents.filter.allStates')}</option>
      {versionState.options.map((state) => (
        <option key={state} value={state}>
          {t(`documents.state.${state}`)}
        </option>
      ))}
    </FilterSelect>
    <FilterSelect
      label={t('documents.filter.type')}
      value={filters.mediaType ?? ''}
      onChange={(event) => onChange({ mediaType: mediaType.safeParse(event.target.value).data ?? null })}
      className="min-w-24 flex-1 sm:max-w-36 sm:flex-none"
    >
      <option value="">{t('documents.filter.allTypes')}</option>
      {mediaType.options.map((type) => (
        <option key={type} value={type}>
          {MEDIA_TYPES[type].name}
        </option>
      ))}
    </FilterSelect>
    <div className="sm:ms-auto">{trailing}</div>
  </search>
)

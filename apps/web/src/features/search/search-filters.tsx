'use client'

import { type Collection, formatOf, type searchFacets } from '@quarry/contracts'
import { FilterX } from 'lucide-react'
import type { z } from 'zod'
import { formatLanguage } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { AddedFilter } from './added-filter.tsx'
import { FilterMenu, type FilterOption } from './filter-menu.tsx'
import { isFiltered, NO_FILTERS, type SearchFilters } from './search-address.ts'

type Facets = z.infer<typeof searchFacets>

interface SearchFiltersProps {
  filters: SearchFilters
  onChange: (change: Partial<SearchFilters>) => void
  collections: readonly Collection[]
  /** Undefined while they load; the filters of the address work without. */
  facets: Facets | undefined
}

/** What there is, and what is chosen although it is no longer there: it must be possible to take it off. */
const withChosen = <T extends string>(
  facet: readonly { value: T; documents: number }[] | undefined,
  chosen: readonly T[],
  labelOf: (value: T) => string,
): FilterOption<T>[] => [
  ...(facet ?? []).map(({ value, documents }) => ({ value, documents, label: labelOf(value) })),
  ...chosen
    .filter((value) => facet?.some((known) => known.value === value) !== true)
    .map((value) => ({ value, label: labelOf(value), documents: facet === undefined ? undefined : 0 })),
]

export const SearchFiltersBar = ({ filters, onChange, collections, facets }: SearchFiltersProps) => (
  <div role="group" aria-label={t('search.filters')} className="mt-3 flex flex-wrap items-center gap-2">
    <FilterMenu
      label={t('search.collection')}
      all={t('search.collection.all')}
      options={collections.map(({ id, name, documents }) => ({ value: id, label: name, documents }))}
      chosen={filters.collectionIds}
      onChange={(collectionIds) => onChange({ collectionIds })}
    />
    <FilterMenu
      label={t('search.type')}
      all={t('search.type.all')}
      options={withChosen(facets?.mediaTypes, filters.mediaTypes, (type) => formatOf(type).name)}
      chosen={filters.mediaTypes}
      onChange={(mediaTypes) => onChange({ mediaTypes })}
    />
    <FilterMenu
      label={t('search.language')}
      all={t('search.language.all')}
      options={withChosen(facets?.languages, filters.languages, formatLanguage)}
      chosen={filters.languages}
      onChange={(languages) => onChange({ languages })}
    />
    <AddedFilter added={filters.added} onChange={(added) => onChange({ added })} />
    {isFiltered(filters) && (
      <Button look="ghost" size="small" onClick={() => onChange(NO_FILTERS)}>
        <FilterX className="size-4" aria-hidden />
        {t('search.filters.clear')}
      </Button>
    )}
  </div>
)

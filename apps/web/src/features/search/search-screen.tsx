'use client'

import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useTitle } from '../shell/use-title.ts'
import { classNames } from '../ui/class-names.ts'
import { SourcePanel } from '../viewer/source-panel.tsx'
import { focusResults } from './result-list.tsx'
import { SearchFiltersBar } from './search-filters.tsx'
import { SEARCH_INPUT_ID, SearchInput } from './search-input.tsx'
import { SearchResults } from './search-results.tsx'
import { useSearchPlace } from './use-search-place.ts'
import { useSearchResults } from './use-search-results.ts'

const NO_COLLECTIONS = [] as const

const focusInput = () => document.getElementById(SEARCH_INPUT_ID)?.focus()

/** Finding passages, with the source that is being read beside them. */
export const SearchScreen = () => {
  const trpc = useTRPC()
  const { place, setQuery, setFilters, openSource, turnSource, closeSource } = useSearchPlace()
  const { query, filters, source } = place
  const collections = useQuery(trpc.collections.list.queryOptions()).data
  const facets = useQuery(trpc.search.facets.queryOptions()).data
  const unknown = filters.collectionIds.filter((id) => collections?.every((c) => c.id !== id))
  const search = useSearchResults(query, filters, unknown)
  const list = useRef<HTMLDivElement>(null)
  useTitle(query.trim() === '' ? t('search.title') : t('search.titleOf', { query: query.trim() }))
  useEffect(() => {
    // A keyboard comes up on touch screens, so the focus waits there for a tap.
    const readsSource = new URLSearchParams(window.location.search).has('source')
    if (!readsSource && window.matchMedia('(pointer: fine)').matches) focusInput()
  }, [])
  return (
    <div className="flex h-full min-h-0">
      {/* Under the panel of a small screen nothing can be reached; what is invisible keeps where it was scrolled to. */}
      <div
        className={classNames('min-w-0 flex-1 overflow-y-auto scrollbar-quiet', source !== null && 'max-lg:invisible')}
      >
        <div className="mx-auto max-w-4xl px-4 pt-6 pb-28 sm:px-6">
          <h1 className="mb-3 text-xl font-semibold tracking-tight">{t('search.title')}</h1>
          <search className="block">
            <SearchInput
              value={query}
              onChange={setQuery}
              onLeave={() => focusResults(list.current)}
              busy={search.result.isFetching}
            />
            <SearchFiltersBar
              filters={filters}
              onChange={setFilters}
              collections={collections ?? NO_COLLECTIONS}
              facets={facets}
            />
          </search>
          <div className="mt-5">
            <SearchResults
              listRef={list}
              place={place}
              search={search}
              collections={collections ?? NO_COLLECTIONS}
              unknown={unknown}
              nothingToSearch={facets !== undefined && facets.mediaTypes.length === 0}
              onFilters={setFilters}
              onOpen={openSource}
              onLeave={focusInput}
            />
          </div>
          <p id="search-keys" className="mt-6 hidden text-xs text-ink-3 md:block">
            {t('search.keys')}
          </p>
        </div>
      </div>
      {source !== null && <SourcePanel source={source} onTurn={turnSource} onClose={closeSource} of="passage" />}
    </div>
  )
}

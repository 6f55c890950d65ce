import { collectionId, type CollectionId, mediaType, type MediaType } from '@quarry/contracts'
import { parseSourceParam, type SourcePlace, sourceParam } from '../viewer/source-address.ts'
import { type Added, addedParam, parseAdded } from './added-range.ts'

export interface SearchFilters {
  /** Each list empty: all. */
  readonly collectionIds: readonly CollectionId[]
  readonly mediaTypes: readonly MediaType[]
  readonly languages: readonly string[]
  readonly added: Added
}

/** Everything that a search page shows, as its address says it. */
export interface SearchPlace {
  readonly query: string
  readonly filters: SearchFilters
  /** The source that is open beside the results. */
  readonly source: SourcePlace | null
}

export const NO_FILTERS: SearchFilters = { collectionIds: [], mediaTypes: [], languages: [], added: null }

/** Limits of the API (contracts, `searchInput`). */
const MAX_COLLECTIONS = 100
const MAX_VALUES = 50
const MAX_LANGUAGE_LENGTH = 40
export const MAX_QUERY_LENGTH = 2000

const listOf = (param: string | null): string[] => [...new Set((param ?? '').split(','))].filter((part) => part !== '')

/** Reads an address; what it does not understand of a filter is left out. */
export const parseSearchPlace = (params: Pick<URLSearchParams, 'get'>): SearchPlace => ({
  query: (params.get('q') ?? '').slice(0, MAX_QUERY_LENGTH),
  filters: {
    collectionIds: listOf(params.get('collection'))
      .flatMap((id) => collectionId.safeParse(id).data ?? [])
      .slice(0, MAX_COLLECTIONS),
    mediaTypes: listOf(params.get('type')).flatMap((type) => mediaType.safeParse(type).data ?? []),
    languages: listOf(params.get('language'))
      .filter((language) => language.length <= MAX_LANGUAGE_LENGTH)
      .slice(0, MAX_VALUES),
    added: parseAdded(params.get('added')),
  },
  source: parseSourceParam(params.get('source')),
})

export const searchHref = ({ query, filters, source }: SearchPlace): string => {
  const search = new URLSearchParams()
  if (query !== '') search.set('q', query)
  if (filters.collectionIds.length > 0) search.set('collection', filters.collectionIds.join(','))
  if (filters.mediaTypes.length > 0) search.set('type', filters.mediaTypes.join(','))
  if (filters.languages.length > 0) search.set('language', filters.languages.join(','))
  const added = addedParam(filters.added)
  if (added !== null) search.set('added', added)
  if (source !== null) search.set('source', sourceParam(source))
  return search.size === 0 ? '/search' : `/search?${search.toString()}`
}

/** Whether a filter narrows anything: two open ends do not. */
export const isFiltered = ({ collectionIds, mediaTypes, languages, added }: SearchFilters): boolean =>
  collectionIds.length > 0 || mediaTypes.length > 0 || languages.length > 0 || narrows(added)

export const narrows = (added: Added): boolean =>
  added !== null && (typeof added === 'string' || added.from !== null || added.to !== null)

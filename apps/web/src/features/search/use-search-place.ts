'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { SourcePlace } from '../viewer/source-address.ts'
import { parseSearchPlace, type SearchFilters, searchHref, type SearchPlace } from './search-address.ts'

/** What is in the address now, which may be ahead of what was drawn last. */
const placeNow = (): SearchPlace => parseSearchPlace(new URLSearchParams(window.location.search))

// The router follows the History API, without asking the server for a page that it would not change.
const push = (change: Partial<SearchPlace>) =>
  window.history.pushState(null, '', searchHref({ ...placeNow(), ...change }))
const replace = (change: Partial<SearchPlace>) =>
  window.history.replaceState(null, '', searchHref({ ...placeNow(), ...change }))

/** The router hears of a step back when the one before it is drawn, and loses the first of two quick ones. */
const onStep = (changed: () => void) => {
  window.addEventListener('popstate', changed)
  return () => window.removeEventListener('popstate', changed)
}
const addressNow = () => window.location.search.slice(1)

/** The search in the address: a reload, Back and somebody who gets the link see the same. */
export const useSearchPlace = () => {
  // Draws again when the router has followed; what counts is the address.
  const params = useSearchParams()
  const address = useSyncExternalStore(onStep, addressNow, () => params.toString())
  const place = useMemo(() => parseSearchPlace(new URLSearchParams(address)), [address])
  return {
    place,
    // Typing is one step of the history, not one a word; choosing a filter or a source is one each.
    setQuery: useCallback((query: string) => replace({ query }), []),
    setFilters: useCallback(
      (change: Partial<SearchFilters>) => push({ filters: { ...placeNow().filters, ...change } }),
      [],
    ),
    openSource: useCallback((source: SourcePlace) => push({ source }), []),
    turnSource: useCallback((source: SourcePlace) => replace({ source }), []),
    closeSource: useCallback(() => push({ source: null }), []),
  }
}

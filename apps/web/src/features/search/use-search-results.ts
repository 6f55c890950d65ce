'use client'

import type { CollectionId } from '@quarry/contracts'
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../../trpc/client.ts'
import { addedMoments } from './added-range.ts'
import type { SearchFilters } from './search-address.ts'

/** About two screens at once; then what the API gives in one search. */
export const LIMITS = [20, 50, 100] as const

/** A query that somebody types makes an answer for each pause; they need not stay for long. */
const KEEP_MS = 60_000

const orNull = <T>(values: readonly T[]): T[] | null => (values.length === 0 ? null : [...values])

/**
 * The passages for a query. While the next ones load, the last ones stay; an answer belongs to its query, so a late one
 * never replaces a newer, and a request that nobody waits for any more is given up. `unknown`: collections of the
 * filter that are not there for this person, for which nothing is asked.
 */
export const useSearchResults = (query: string, filters: SearchFilters, unknown: readonly CollectionId[]) => {
  const trpc = useTRPC()
  const words = query.trim()
  const { collectionIds, mediaTypes, languages, added } = filters
  const asked = {
    query: words,
    collectionIds: orNull(collectionIds),
    mediaTypes: orNull(mediaTypes),
    languages: orNull(languages),
    ...addedMoments(added),
  }
  const key = JSON.stringify(asked)
  const [more, setMore] = useState({ key, step: 0 })
  const step = more.key === key ? more.step : 0
  const limit = LIMITS[step] ?? LIMITS[0]
  const result = useQuery(
    trpc.search.query.queryOptions(words === '' || unknown.length > 0 ? skipToken : { ...asked, limit }, {
      placeholderData: keepPreviousData,
      gcTime: KEEP_MS,
      trpc: { abortOnUnmount: true },
    }),
  )
  const full = (result.data?.hits.length ?? 0) >= limit && !result.isPlaceholderData
  return {
    result,
    limit,
    /** Asks for more of the same; undefined where there is nothing more to ask for. */
    showMore: full && step < LIMITS.length - 1 ? () => setMore({ key, step: step + 1 }) : undefined,
    /** As many as one search gives: there may be more. */
    capped: full && step === LIMITS.length - 1,
    /** Other words or filters than those of the results on screen; more of the same is not. */
    settling: result.isPlaceholderData && step === 0,
  }
}

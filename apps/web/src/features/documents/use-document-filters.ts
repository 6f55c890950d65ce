'use client'

import {
  type CollectionId,
  collectionId,
  type MediaType,
  mediaType,
  type VersionState,
  versionState,
} from '@quarry/contracts'
import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'

export interface DocumentFilters {
  readonly collectionId: CollectionId | null
  readonly state: VersionState | null
  readonly mediaType: MediaType | null
  readonly query: string
}

const KEYS = { collectionId: 'collection', state: 'state', mediaType: 'type', query: 'q' } as const

/** The filters stand in the address, so that they survive a reload and can be sent to somebody. */
export const useDocumentFilters = () => {
  const pathname = usePathname()
  const params = useSearchParams()
  const filters = useMemo(
    (): DocumentFilters => ({
      collectionId: collectionId.safeParse(params.get(KEYS.collectionId)).data ?? null,
      state: versionState.safeParse(params.get(KEYS.state)).data ?? null,
      mediaType: mediaType.safeParse(params.get(KEYS.mediaType)).data ?? null,
      query: params.get(KEYS.query) ?? '',
    }),
    [params],
  )
  const set = (change: Partial<DocumentFilters>) => {
    const next = { ...filters, ...change }
    const search = new URLSearchParams()
    for (const [name, param] of Object.entries(KEYS) as [keyof DocumentFilters, string][]) {
      const value = next[name]
      if (value !== null && value !== '') search.set(param, value)
    }
    window.history.replaceState(null, '', search.size === 0 ? pathname : `${pathname}?${search.toString()}`)
  }
  return {
    filters,
    active:
      filters.collectionId !== null || filters.state !== null || filters.mediaType !== null || filters.query !== '',
    set,
    clear: () => set({ collectionId: null, state: null, mediaType: null, query: '' }),
  }
}

'use client'

import type { DocumentId, DocumentItem } from '@quarry/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { RefObject } from 'react'
import { useTRPC } from '../../trpc/client.ts'
import { type DocumentPlace } from './place-text.ts'
import { useVisibleIds } from './use-visible-ids.ts'

/** The line moves with the files of others, too, which no signal tells; what happens here is read at once. */
const REFRESH_MS = 10_000
/** A call takes so many; no screen shows more rows. */
const MAX_IDS = 100

const isOnItsWay = ({ latest: { state } }: DocumentItem): boolean => state === 'uploaded' || state === 'parsing'

/** Where the files stand that are on their way and on the screen. */
export const usePlaces = (
  items: readonly DocumentItem[],
  table: RefObject<HTMLElement | null>,
): ReadonlyMap<DocumentId, DocumentPlace> => {
  const onTheirWay = items.filter(isOnItsWay).map(({ id }) => id)
  const ids = useVisibleIds(table, onTheirWay).slice(0, MAX_IDS)
  const { data } = useQuery(
    useTRPC().documents.places.queryOptions(
      { ids },
      { enabled: ids.length > 0, staleTime: 0, refetchInterval: REFRESH_MS, placeholderData: keepPreviousData },
    ),
  )
  return new Map((data ?? []).map((place) => [place.documentId, place]))
}

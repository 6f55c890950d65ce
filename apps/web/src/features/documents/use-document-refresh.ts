'use client'

import { documentId, type DocumentItem } from '@quarry/contracts'
import { type InfiniteData, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { appErrorOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { createGatherer, type Gatherer } from '../feed/gather.ts'
import { documentChanges } from './document-changes.ts'
import { isListed, listFilterOf, replaceDocument } from './document-pages.ts'

type Pages = InfiniteData<{ items: DocumentItem[]; nextCursor: string | null }>

/** More changed documents than this are read as the list, not one by one: a page of it costs as much as five of them. */
const MAX_SINGLE_READS = 5

/**
 * Gives a function to call when a document changed. A document that is on screen is read alone and replaced in place
 * (its progress moves, the list does not jump); anything else reads the lists again.
 */
export const useDocumentRefresh = (): ((id: string) => void) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()

  const read = useCallback(
    async (ids: readonly string[]) => {
      documentChanges.tell()
      // One file that is done is one less before all others.
      void queryClient.invalidateQueries(trpc.documents.places.pathFilter())
      const filter = trpc.documents.list.infiniteQueryFilter()
      const lists = queryClient.getQueriesData<Pages>({ ...filter, type: 'active' })
      const readLists = async () => {
        await queryClient.invalidateQueries(trpc.documents.list.pathFilter())
        void queryClient.invalidateQueries(trpc.search.facets.queryFilter())
      }
      const isShown = (id: string) => lists.every(([, pages]) => isListed(pages, id))
      if (lists.length === 0 || ids.length > MAX_SINGLE_READS || !ids.every(isShown)) {
        // What nobody looks at is read when somebody does.
        await readLists()
        return
      }
      void queryClient.invalidateQueries({ ...filter, type: 'inactive', refetchType: 'none' })
      const reads = ids.map(async (id) => {
        const options = trpc.documents.get.queryOptions({ id: documentId.parse(id) })
        const item = await queryClient.fetchQuery({ ...options, staleTime: 0 })
        for (const [key] of lists) {
          queryClient.setQueryData<Pages>(key, (pages) => pages && replaceDocument(pages, item, listFilterOf(key)))
        }
        return item.latest.state
      })
      const results = await Promise.allSettled(reads)
      // The chat's suggestions come from the documents that can be searched.
      if (results.some((r) => r.status === 'fulfilled' && r.value === 'searchable')) {
        void queryClient.invalidateQueries(trpc.documents.list.queryFilter())
        void queryClient.invalidateQueries(trpc.search.facets.queryFilter())
      }
      const gone = results.some((r) => r.status === 'rejected' && appErrorOf(r.reason)?.code === 'not_found')
      if (gone) await readLists()
    },
    [queryClient, trpc],
  )

  const gatherer = useRef<Gatherer<string> | null>(null)
  useEffect(() => {
    const gathering = createGatherer<string>((ids) => void read(ids))
    gatherer.current = gathering
    return () => gathering.cancel()
  }, [read])
  return useCallback((id: string) => gatherer.current?.add(id), [])
}

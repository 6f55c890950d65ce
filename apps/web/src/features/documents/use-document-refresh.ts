'use client'

import { documentId, type DocumentItem } from '@quarry/contracts'
import { type InfiniteData, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { appErrorOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { isListed, listFilterOf, replaceDocument } from './document-pages.ts'

type Pages = InfiniteData<{ items: DocumentItem[]; nextCursor: string | null }>

/** Signals of one moment are read together: a file that is worked on sends several a second. */
const GATHER_MS = 250

/** More changed documents than this are read as the list, not one by one. */
const MAX_SINGLE_READS = 20

/**
 * Gives a function to call when a document changed. A document that is on screen is read alone and replaced in place
 * (its progress moves, the list does not jump); anything else reads the lists again.
 */
export const useDocumentRefresh = (): ((id: string) => void) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const pending = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const flush = useCallback(async () => {
    timer.current = undefined
    const ids = [...pending.current]
    pending.current.clear()
    const lists = queryClient.getQueriesData<Pages>(trpc.documents.list.infiniteQueryFilter())
    const readLists = () => queryClient.invalidateQueries(trpc.documents.list.pathFilter())
    if (ids.length > MAX_SINGLE_READS || ids.some((id) => !lists.every(([, pages]) => isListed(pages, id)))) {
      await readLists()
      return
    }
    const read = ids.map(async (id) => {
      const options = trpc.documents.get.queryOptions({ id: documentId.parse(id) })
      const item = await queryClient.fetchQuery({ ...options, staleTime: 0 })
      for (const [key] of lists) {
        const filter = listFilterOf(key)
        queryClient.setQueryData<Pages>(key, (pages) => pages && replaceDocument(pages, item, filter))
      }
      return item.latest.state
    })
    const results = await Promise.allSettled(read)
    // The chat's suggestions come from the documents that can be searched.
    if (results.some((r) => r.status === 'fulfilled' && r.value === 'searchable')) {
      void queryClient.invalidateQueries(trpc.documents.list.queryFilter())
      void queryClient.invalidateQueries(trpc.search.facets.queryFilter())
    }
    const gone = results.some((r) => r.status === 'rejected' && appErrorOf(r.reason)?.code === 'not_found')
    if (gone) await readLists()
  }, [queryClient, trpc])

  return useCallback(
    (id: string) => {
      pending.current.add(id)
      timer.current ??= setTimeout(() => void flush(), GATHER_MS)
    },
    [flush],
  )
}

'use client'

import { documentId, type DocumentId } from '@quarry/contracts'
import { usePathname, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'

const PARAM = 'documents'

/** The API's limit on one question (contracts, `sendInput`). */
export const MAX_SCOPE_DOCUMENTS = 100

/** The address of a new chat about some documents. */
export const askAboutHref = (ids: readonly DocumentId[]): string =>
  ids.length === 0 ? '/' : `/?${PARAM}=${ids.slice(0, MAX_SCOPE_DOCUMENTS).join(',')}`

/** Reads the documents of such an address; what is no id is left out. */
export const parseDocumentScope = (param: string | null): DocumentId[] =>
  [...new Set((param ?? '').split(','))]
    .flatMap((id) => documentId.safeParse(id).data ?? [])
    .slice(0, MAX_SCOPE_DOCUMENTS)

/** The documents that questions are limited to. They stand in the address, so that a reload keeps them. */
export const useDocumentScope = () => {
  const pathname = usePathname()
  const param = useSearchParams().get(PARAM)
  const documentIds = useMemo(() => parseDocumentScope(param), [param])
  const clear = () => {
    const search = new URLSearchParams(window.location.search)
    search.delete(PARAM)
    window.history.replaceState(null, '', search.size === 0 ? pathname : `${pathname}?${search.toString()}`)
  }
  return { documentIds, clear }
}

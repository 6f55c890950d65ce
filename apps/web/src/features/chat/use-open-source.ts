'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { parseSourceParam, type SourcePlace, sourceParam } from '../viewer/source-address.ts'

const PARAM = 'source'

/** The source that is open beside the chat. It stands in the address: Back closes it, a reload keeps it. */
export const useOpenSource = () => {
  const pathname = usePathname()
  const params = useSearchParams()
  const param = params.get(PARAM)
  const source = useMemo(() => parseSourceParam(param), [param])
  const href = useCallback(
    (place: SourcePlace | null) => {
      const search = new URLSearchParams(params)
      if (place === null) search.delete(PARAM)
      else search.set(PARAM, sourceParam(place))
      return search.size === 0 ? pathname : `${pathname}?${search.toString()}`
    },
    [pathname, params],
  )
  // The router follows the History API, without asking the server for a page that it would not change.
  const open = useCallback((place: SourcePlace) => window.history.pushState(null, '', href(place)), [href])
  const turn = useCallback((place: SourcePlace) => window.history.replaceState(null, '', href(place)), [href])
  const close = useCallback(() => window.history.pushState(null, '', href(null)), [href])
  return { source, open, turn, close }
}

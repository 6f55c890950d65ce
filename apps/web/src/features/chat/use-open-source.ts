'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { parseSourceParam, type SourcePlace, sourceParam } from '../viewer/source-address.ts'

const PARAM = 'source'

/** The source that is open beside the chat. It stands in the address: Back closes it, a reload keeps it. */
export const useOpenSource = () => {
  const pathname = usePathname()
  const param = useSearchParams().get(PARAM)
  const source = useMemo(() => parseSourceParam(param), [param])
  // The router follows the History API, without asking the server for a page that it would not change.
  const open = useCallback(
    (place: SourcePlace) => window.history.pushState(null, '', `${pathname}?${PARAM}=${sourceParam(place)}`),
    [pathname],
  )
  const turn = useCallback(
    (place: SourcePlace) => window.history.replaceState(null, '', `${pathname}?${PARAM}=${sourceParam(place)}`),
    [pathname],
  )
  const close = useCallback(() => window.history.pushState(null, '', pathname), [pathname])
  return { source, open, turn, close }
}

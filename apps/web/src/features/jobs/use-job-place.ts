'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { jobHref, type JobPlace, parseJobPlace } from './job-address.ts'

/** The router hears of a step back late: what counts is the address itself. */
const onStep = (changed: () => void) => {
  window.addEventListener('popstate', changed)
  return () => window.removeEventListener('popstate', changed)
}
const addressNow = () => window.location.search.slice(1)

/** Filters and page of a list of jobs in the address: a reload, Back and somebody who gets the link see the same. */
export const useJobPlace = (path: string) => {
  const params = useSearchParams()
  const address = useSyncExternalStore(onStep, addressNow, () => params.toString())
  const place = useMemo(() => parseJobPlace(new URLSearchParams(address)), [address])
  /** Another filter begins with its newest. Typing is one step of the history, not one a word. */
  const change = useCallback(
    (next: Partial<JobPlace>) => {
      const now = parseJobPlace(new URLSearchParams(window.location.search))
      const href = jobHref(path, { ...now, cursor: null, ...next })
      if (Object.keys(next).join() === 'query') window.history.replaceState(null, '', href)
      else window.history.pushState(null, '', href)
    },
    [path],
  )
  return { place, change }
}

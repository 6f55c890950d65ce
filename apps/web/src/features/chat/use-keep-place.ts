'use client'

import { type RefObject, useLayoutEffect, useRef } from 'react'

/**
 * Keeps what is on screen where it is when messages are put before it. Browsers do that by themselves, but not at the
 * very beginning, and one not at all; so the box says `overflow-anchor: none`. `before`: how many elements stand in it
 * before the first message.
 */
export const useKeepPlace = (box: RefObject<HTMLElement | null>, before: number) => {
  const seen = useRef<{ first: HTMLElement; top: number } | null>(null)
  useLayoutEffect(() => {
    const first = box.current?.firstElementChild?.children[before]
    if (box.current === null || !(first instanceof HTMLElement)) {
      seen.current = null
      return
    }
    const last = seen.current
    if (last !== null && last.first !== first && last.first.isConnected)
      box.current.scrollTop += last.first.offsetTop - last.top
    seen.current = { first, top: first.offsetTop }
  })
}

'use client'

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'

/** Closer than this many px to the end counts as being there: about two lines. */
const NEAR_PX = 48

/**
 * Keeps a scroll box at its end while its content grows, and lets go as soon as the person scrolls up.
 * `contentKey` names what is shown: another one starts at the end again.
 */
export const useStickToBottom = (box: RefObject<HTMLElement | null>, contentKey: string) => {
  const stuck = useRef(true)
  const [away, setAway] = useState(false)

  const toBottom = useCallback(() => {
    stuck.current = true
    setAway(false)
    const element = box.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }, [box])

  useLayoutEffect(() => {
    const element = box.current
    const content = element?.firstElementChild
    if (element === null || content === null || content === undefined) return undefined
    toBottom()
    let lastTop = element.scrollTop
    const onScroll = () => {
      const distance = element.scrollHeight - element.clientHeight - element.scrollTop
      if (distance < NEAR_PX) stuck.current = true
      else if (element.scrollTop < lastTop) stuck.current = false // growth alone never lets go
      lastTop = element.scrollTop
      setAway(!stuck.current)
    }
    const onGrowth = new ResizeObserver(() => {
      if (stuck.current) element.scrollTop = element.scrollHeight
    })
    element.addEventListener('scroll', onScroll, { passive: true })
    onGrowth.observe(content)
    onGrowth.observe(element)
    return () => {
      element.removeEventListener('scroll', onScroll)
      onGrowth.disconnect()
    }
  }, [box, contentKey, toBottom])

  return { away, toBottom }
}

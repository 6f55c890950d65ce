'use client'

import { type RefObject, useEffect, useState } from 'react'

/** Rows that come by while somebody scrolls are not asked for. */
const SETTLE_MS = 200

/** Which of these rows, found by their `data-document`, are on the screen; in the order given. */
export const useVisibleIds = <T extends string>(table: RefObject<HTMLElement | null>, ids: readonly T[]): T[] => {
  const [visible, setVisible] = useState<ReadonlySet<string>>(new Set())
  const key = ids.join(' ')
  useEffect(() => {
    const seen = new Set<string>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const id = target.getAttribute('data-document') ?? ''
        if (isIntersecting) seen.add(id)
        else seen.delete(id)
      }
      clearTimeout(timer)
      timer = setTimeout(() => setVisible(new Set(seen)), SETTLE_MS)
    })
    for (const id of key === '' ? [] : key.split(' ')) {
      const row = table.current?.querySelector(`[data-document="${id}"]`)
      if (row) observer.observe(row)
    }
    return () => {
      clearTimeout(timer)
      observer.disconnect()
    }
  }, [key, table])
  return ids.filter((id) => visible.has(id))
}

'use client'

import { useEffect, useEffectEvent, useState } from 'react'

const asItIs = (text: string): string => text

/**
 * The text of a field that stands there at once, and counts when the person pauses for `pauseMs`. A `value` that comes
 * from elsewhere, such as a filter that is cleared or the Back button, replaces what was typed.
 *
 * @param clean what of it counts, for example without the blank that comes before the next word
 */
export const useSettledText = (
  value: string,
  onSettle: (text: string) => void,
  pauseMs: number,
  clean: (text: string) => string = asItIs,
) => {
  const [typed, setTyped] = useState(value)
  const [seen, setSeen] = useState({ value, sent: value })
  if (seen.value !== value) {
    setSeen({ value, sent: value })
    if (value !== seen.sent) setTyped(value)
  }
  /** Counts now, for a key that says so. */
  const settle = () => {
    const text = clean(typed)
    if (text === value) return
    setSeen({ value, sent: text })
    onSettle(text)
  }
  const settleLater = useEffectEvent(settle)
  useEffect(() => {
    const timer = setTimeout(() => settleLater(), pauseMs)
    return () => clearTimeout(timer)
  }, [typed, pauseMs])
  return { typed, setTyped, settle }
}

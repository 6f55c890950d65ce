'use client'

import { Hourglass } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { t } from '../../i18n/translate.ts'
import { type Pause, pauses } from '../../trpc/pauses.ts'
import { FloatingNotice } from './floating-notice.tsx'

/** Shorter ones are over before anybody has read what they are about. */
const SHOWN_AFTER_MS = 400
/** A second is told within this much of its time. */
const TICK_MS = 250

const none = () => null

/**
 * Says that calls wait, why, and when they go on. Calm: nothing is lost and nothing has to be done. What counts down is
 * for the eye; a screen reader is told once, and once more when it goes on.
 */
export const PauseNotice = () => {
  const pause = useSyncExternalStore<Pause | null>(pauses.subscribe, pauses.get, none)
  const now = useNow(pause !== null)
  const shown = pause !== null && now - pause.since >= SHOWN_AFTER_MS
  const seconds = pause === null ? 0 : Math.ceil((pause.until - now) / 1000)
  return (
    <FloatingNotice testId="pause-notice" icon={Hourglass} above="bottom-36">
      {shown && (
        <span className="[overflow-wrap:anywhere]" dir="auto">
          {pause.message} <span className="sr-only">{t(seconds > 0 ? 'pause.goesOn' : 'pause.goingOn')}</span>
          <span aria-hidden className="text-ink-2 tabular-nums">
            {seconds > 0 ? t('pause.goesOnIn', { count: seconds }) : t('pause.goingOn')}
          </span>
        </span>
      )}
    </FloatingNotice>
  )
}

/** The time of `performance.now()`, moving on while `running`. */
const useNow = (running: boolean): number => {
  const [now, setNow] = useState(0)
  useEffect(() => {
    if (!running) return undefined
    setNow(performance.now())
    const timer = setInterval(() => setNow(performance.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [running])
  return now
}

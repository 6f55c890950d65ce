'use client'

import { type RefObject, useEffect, useEffectEvent, useRef } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'

export interface OlderMessages {
  readonly loading: boolean
  readonly load: () => void
}

/** Asked for so many px before the beginning is reached: about a screen, so that who scrolls need not wait. */
const AHEAD_PX = 600

interface OlderButtonProps {
  /** What scrolls. */
  box: RefObject<HTMLElement | null>
  older: OlderMessages
  /** Of the first message that is shown. */
  firstId: string | undefined
}

/** Above the first message: reads the ones before it, by itself when it comes near. What is read stays in its place. */
export const OlderButton = ({ box, older, firstId }: OlderButtonProps) => {
  const button = useRef<HTMLButtonElement>(null)
  const loadNear = useEffectEvent(() => {
    if (!older.loading) older.load()
  })
  useEffect(() => {
    if (button.current === null) return undefined
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && loadNear(), {
      root: box.current,
      rootMargin: `${AHEAD_PX}px 0px 0px`,
    })
    observer.observe(button.current)
    return () => observer.disconnect()
    // Observed anew after each page: what is near without having moved is told again.
  }, [box, firstId])
  return (
    <div className="flex justify-center">
      <Button ref={button} look="ghost" size="small" busy={older.loading} onClick={older.load}>
        {t('chat.older')}
      </Button>
    </div>
  )
}

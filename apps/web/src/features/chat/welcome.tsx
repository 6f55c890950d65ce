'use client'

import { useSyncExternalStore } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'

const STORAGE_KEY = 'quarry-welcome-seen'
const listeners = new Set<() => void>()

/** Storage can be refused (private windows); then the hint simply comes again. */
const wasSeen = (): boolean => {
  try {
    return localStorage.getItem(STORAGE_KEY) !== null
  } catch {
    return false
  }
}

const markSeen = () => {
  try {
    localStorage.setItem(STORAGE_KEY, '1')
  } catch {
    // As above.
  }
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const STEPS = ['add', 'ask', 'check'] as const

/** For the first visit: what to do, in three steps, until it is dismissed. */
export const Welcome = () => {
  const seen = useSyncExternalStore(subscribe, wasSeen, () => true)
  if (seen) return null
  return (
    <section aria-label={t('chat.welcome.title')} className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <div className="flex items-start justify-between gap-3">
        <h2 className="pt-1 font-semibold">{t('chat.welcome.title')}</h2>
        <Button look="ghost" size="small" onClick={markSeen}>
          {t('chat.welcome.dismiss')}
        </Button>
      </div>
      <ol className="mt-3 grid gap-4 sm:grid-cols-3">
        {STEPS.map((step, index) => (
          <li key={step} className="flex gap-3 sm:block">
            <span
              aria-hidden
              className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
            >
              {index + 1}
            </span>
            <div className="sm:mt-2">
              <p className="font-medium">{t(`chat.welcome.${step}.title`)}</p>
              <p className="mt-0.5 text-[0.8125rem] text-ink-2">{t(`chat.welcome.${step}.body`)}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

'use client'

import { BadgeCheck, TriangleAlert } from 'lucide-react'
import { t } from '../../i18n/translate.ts'

/** The words that were quoted, and whether they stand on this page. */
export const QuoteBar = ({ quote, verified }: { quote: string; verified: boolean }) => {
  const Icon = verified ? BadgeCheck : TriangleAlert
  return (
    <div className="border-b border-line bg-sunken px-4 py-2.5">
      <p className={`flex items-center gap-1.5 text-xs font-medium ${verified ? 'text-accent' : 'text-warn'}`}>
        <Icon className="size-3.5 shrink-0" aria-hidden />
        {verified ? t('viewer.verified') : t('viewer.unverified')}
      </p>
      <blockquote
        dir="auto"
        aria-label={t('viewer.quote')}
        className="mt-1 line-clamp-3 border-s-2 border-mark ps-2.5 text-[0.8125rem] [overflow-wrap:anywhere] text-ink-2"
      >
        {quote}
      </blockquote>
    </div>
  )
}

'use client'

import { PreviewCard } from '@base-ui/react/preview-card'
import { FileText } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'
import { useAnswer } from './answer-context.tsx'
import { citationLabel, placeLabel } from './citation-label.ts'
import { SourceLink } from './source-link.tsx'
import { Verification } from './verification.tsx'

/** The number after a claim. Hover or focus shows where it comes from, a click opens the page. */
export const CitationChip = ({ marker }: { marker: number }) => {
  const { citations, openMarker } = useAnswer()
  const citation = citations.get(marker)
  if (citation === undefined) return null // its event is still on the way
  return (
    <PreviewCard.Root>
      <PreviewCard.Trigger
        delay={150}
        closeDelay={120}
        render={<SourceLink citation={citation} />}
        data-testid="citation"
        data-marker={marker}
        data-verified={citation.verified}
        aria-label={citationLabel(citation)}
        aria-current={openMarker === marker || undefined}
        className={classNames(
          'citation mx-0.5 inline-grid h-[1.35em] min-w-[1.35em] -translate-y-px place-items-center rounded-md px-1 align-middle text-[0.75em] leading-none font-semibold tabular-nums no-underline transition-colors',
          citation.verified
            ? 'bg-accent-soft text-accent hover:bg-accent hover:text-on-accent aria-[current]:bg-accent aria-[current]:text-on-accent'
            : 'bg-warn-soft text-warn ring-1 ring-warn/40 ring-inset hover:bg-warn hover:text-canvas aria-[current]:bg-warn aria-[current]:text-canvas',
        )}
      >
        {marker}
      </PreviewCard.Trigger>
      <PreviewCard.Portal>
        <PreviewCard.Positioner sideOffset={6} className="z-50">
          <PreviewCard.Popup className="w-80 max-w-[calc(100vw-2rem)] rounded-xl border border-line bg-surface p-3.5 shadow-float transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            <div className="flex items-start gap-2">
              <FileText className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden />
              <div className="min-w-0 [overflow-wrap:anywhere]" dir="auto">
                <p className="line-clamp-2 text-[0.8125rem] font-medium">{citation.title}</p>
                <p className="text-xs text-ink-3">{placeLabel(citation)}</p>
              </div>
            </div>
            <blockquote
              dir="auto"
              className="my-2.5 line-clamp-6 border-s-2 border-mark ps-2.5 text-[0.8125rem] [overflow-wrap:anywhere] text-ink-2"
            >
              {citation.quote}
            </blockquote>
            <Verification verified={citation.verified} full />
            <p className="mt-1 text-xs text-ink-3">{t('chat.citation.open')}</p>
          </PreviewCard.Popup>
        </PreviewCard.Positioner>
      </PreviewCard.Portal>
    </PreviewCard.Root>
  )
}

'use client'

import type { Citation } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'
import { placeLabel } from './citation-label.ts'
import { SourceLink } from './source-link.tsx'
import { Verification } from './verification.tsx'

/** Under an answer: every place it rests on, in the order of its numbers. */
export const SourceList = ({ citations }: { citations: readonly Citation[] }) => (
  <div className="mt-4">
    <h2 className="mb-1.5 text-xs font-medium text-ink-3">{t('chat.sources', { count: citations.length })}</h2>
    <ol className="grid gap-1.5 sm:grid-cols-2">
      {citations.map((citation) => (
        <li key={citation.id} className="min-w-0">
          <SourceLink
            citation={citation}
            className="flex h-full items-start gap-2.5 rounded-xl border border-line bg-surface px-3 py-2 hover:border-line-strong hover:bg-hover"
          >
            <span
              className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-md bg-hover text-xs font-semibold text-ink-2 tabular-nums"
              aria-hidden
            >
              {citation.marker}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate text-[0.8125rem] font-medium" dir="auto">
                {citation.title}
              </span>
              <span className="flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
                <span className="line-clamp-1" dir="auto">
                  {placeLabel(citation)}
                </span>
                <Verification verified={citation.verified} />
              </span>
            </span>
          </SourceLink>
        </li>
      ))}
    </ol>
  </div>
)

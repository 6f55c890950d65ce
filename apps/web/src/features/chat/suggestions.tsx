'use client'

import type { DocumentItem } from '@quarry/contracts'
import { CornerDownLeft } from 'lucide-react'
import { t } from '../../i18n/translate.ts'

interface SuggestionsProps {
  documents: readonly DocumentItem[]
  onSuggest: (question: string) => void
}

/** Questions to begin with, from what was added last. One click writes it into the composer, to send or to change. */
export const Suggestions = ({ documents, onSuggest }: SuggestionsProps) => {
  const questions = documents.map(({ id, title }, index) => ({
    id,
    text: index % 2 === 0 ? t('chat.suggest.about', { title }) : t('chat.suggest.summary', { title }),
  }))
  return (
    <section aria-label={t('chat.suggest.title')}>
      <h2 className="mb-2 text-xs font-medium text-ink-3">{t('chat.suggest.title')}</h2>
      <ul className="grid gap-2 sm:grid-cols-2">
        {questions.map(({ id, text }) => (
          <li key={id} className="min-w-0">
            <button
              type="button"
              onClick={() => onSuggest(text)}
              className="group flex h-full w-full items-start justify-between gap-3 rounded-xl border border-line bg-surface px-3.5 py-3 text-start text-ink-2 transition-colors hover:border-line-strong hover:bg-hover hover:text-ink"
            >
              <span className="line-clamp-2 min-w-0 [overflow-wrap:anywhere]" dir="auto">
                {text}
              </span>
              <CornerDownLeft
                className="mt-0.5 size-4 shrink-0 text-ink-3 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
                aria-hidden
              />
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

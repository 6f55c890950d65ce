'use client'

import type { DocumentItem } from '@quarry/contracts'
import { CornerDownLeft } from 'lucide-react'
import { t } from '../../i18n/translate.ts'

interface SuggestionsProps {
  documents: readonly DocumentItem[]
  onSuggest: (question: string) => void
}

interface Suggestion {
  id: string
  label: string
  /** What is written into the composer. */
  question: string
}

/** The documents that a first start brings along (apps/web/samples), each with a question that it answers. */
const SAMPLE_QUESTIONS: Record<string, string> = {
  'employee-handbook.md': t('chat.suggest.sample.handbook'),
  'expense-policy.md': t('chat.suggest.sample.expenses'),
  'skylark-200-installation-guide.pdf': t('chat.suggest.sample.guide'),
}

/** As many as fit without scrolling on a phone. */
const MOST = 4

const suggest = ({ id, path, title }: DocumentItem): Suggestion => {
  const sample = SAMPLE_QUESTIONS[path]
  if (sample === undefined) {
    return { id, label: t('chat.suggest.about', { title }), question: t('chat.suggest.aboutStart', { title }) }
  }
  return { id, label: sample, question: sample }
}

/** Questions to begin with, from what was added last. One click writes it into the composer, to send or to finish. */
export const Suggestions = ({ documents, onSuggest }: SuggestionsProps) => {
  const suggestions = documents
    .toSorted((a, b) => Number(b.path in SAMPLE_QUESTIONS) - Number(a.path in SAMPLE_QUESTIONS))
    .map(suggest)
    .slice(0, MOST)
  return (
    <section aria-label={t('chat.suggest.title')}>
      <h2 className="mb-2 text-xs font-medium text-ink-3">{t('chat.suggest.title')}</h2>
      <ul className="grid gap-2 sm:grid-cols-2">
        {suggestions.map(({ id, label, question }) => (
          <li key={id} className="min-w-0">
            <button
              type="button"
              onClick={() => onSuggest(question)}
              className="group flex h-full w-full items-start justify-between gap-3 rounded-xl border border-line bg-surface px-3.5 py-3 text-start text-ink-2 transition-colors hover:border-line-strong hover:bg-hover hover:text-ink"
            >
              <span className="line-clamp-2 min-w-0 text-pretty [overflow-wrap:anywhere]" dir="auto">
                {label}
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

'use client'

import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { Problem } from '../ui/problem.tsx'
import { Question } from './question.tsx'

interface PendingExchangeProps {
  text: string
  error: unknown
  onRetry: () => void
}

/** A question that is shown before the server has confirmed it, or with the reason why it has not. */
export const PendingExchange = ({ text, error, onRetry }: PendingExchangeProps) => (
  <>
    <Question text={text} />
    {error === null ? (
      <p role="status" className="animate-breathe text-[0.8125rem] text-ink-2">
        {t('chat.working.started')}
      </p>
    ) : (
      <Problem problem={problemOf(error)} onRetry={onRetry} />
    )}
  </>
)

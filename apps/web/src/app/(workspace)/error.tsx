'use client'

import { Problem } from '../../features/ui/problem.tsx'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'

/** What is left when a page breaks: the frame around it still works. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const problem = problemOf(error)
  return (
    <div className="mx-auto max-w-lg px-4 py-24">
      <h1 className="mb-3 text-base font-semibold">{t('error.page.message')}</h1>
      <Problem
        problem={{
          message: problem.message,
          action: t('error.page.action'),
          requestId: problem.requestId ?? error.digest,
        }}
        onRetry={reset}
      />
    </div>
  )
}

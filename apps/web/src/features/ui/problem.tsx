import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'

export interface ProblemText {
  message: string
  action: string
  requestId?: string | undefined
}

interface ProblemProps {
  problem: ProblemText
  onRetry?: (() => void) | undefined
  className?: string
  children?: ReactNode
}

/** A failure in plain words: what happened, what to do, and the id to quote. */
export const Problem = ({ problem, onRetry, className, children }: ProblemProps) => (
  <div
    role="alert"
    className={classNames('flex items-start gap-3 rounded-xl border border-danger/30 bg-danger-soft p-3', className)}
  >
    <TriangleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
    <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
      <p className="font-medium text-ink">{problem.message}</p>
      <p className="text-ink-2">{problem.action}</p>
      {problem.requestId !== undefined && (
        <p className="mt-1 font-mono text-xs text-ink-2">{t('error.requestId', { id: problem.requestId })}</p>
      )}
      {children}
    </div>
    {onRetry !== undefined && (
      <Button size="small" onClick={onRetry}>
        {t('common.retry')}
      </Button>
    )}
  </div>
)

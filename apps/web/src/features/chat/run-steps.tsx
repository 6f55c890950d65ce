'use client'

import type { RunStep } from '@quarry/contracts'
import { Check, ChevronRight, LoaderCircle, Search, X } from 'lucide-react'
import { t } from '../../i18n/translate.ts'

const stepLabel = ({ tool, summary }: RunStep): string =>
  tool === 'list_documents' ? t('chat.step.list_documents') : t(`chat.step.${tool}`, { summary })

const StepIcon = ({ step }: { step: RunStep }) => {
  if (step.failed) return <X className="mt-0.5 size-3.5 shrink-0 text-danger" aria-hidden />
  return step.outcome === null ? (
    <LoaderCircle className="mt-0.5 size-3.5 shrink-0 animate-spin text-accent" aria-hidden />
  ) : (
    <Check className="mt-0.5 size-3.5 shrink-0 text-accent" aria-hidden />
  )
}

const StepRows = ({ steps }: { steps: readonly RunStep[] }) => (
  <ul className="grid gap-1 text-[0.8125rem] text-ink-2">
    {steps.map((step) => (
      <li key={step.callId} className="flex animate-appear items-start gap-2">
        <StepIcon step={step} />
        <span className="min-w-0 [overflow-wrap:anywhere]" dir="auto">
          {stepLabel(step)}
          {step.outcome !== null && (
            <span className="text-ink-3">
              {' · '}
              {step.failed ? t('chat.step.failed', { summary: step.outcome }) : step.outcome}
            </span>
          )}
        </span>
      </li>
    ))}
  </ul>
)

/** What is being done for an answer: open while nothing is written yet, then folded to one line. */
export const RunSteps = ({ steps, open }: { steps: readonly RunStep[]; open: boolean }) => {
  if (steps.length === 0) return null
  if (open) return <StepRows steps={steps} />
  return (
    <details className="group">
      <summary className="inline-flex list-none items-center gap-1.5 rounded-md text-xs text-ink-3 hover:text-ink-2">
        <Search className="size-3.5" aria-hidden />
        {t('chat.steps', { count: steps.length })}
        <ChevronRight className="size-3.5 transition-transform group-open:rotate-90 rtl:-scale-x-100" aria-hidden />
      </summary>
      <div className="mt-1.5 border-s border-line ps-3">
        <StepRows steps={steps} />
      </div>
    </details>
  )
}

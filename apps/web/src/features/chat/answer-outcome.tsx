'use client'

import type { MessageState, RunFailure } from '@quarry/contracts'
import { CirclePlay, CircleStop, FilePlus2, SearchX } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { useCan } from '../session/use-me.ts'
import { Button, buttonStyle } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'

/** An honest "not in your documents", told apart from an answer at a glance, with what to do. */
export const Abstained = ({ children }: { children: ReactNode }) => {
  const mayAdd = useCan('documents.write')
  return (
    <div className="rounded-xl border border-line bg-sunken p-4">
      <p className="flex items-start gap-2.5 font-medium">
        <SearchX className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden />
        {t('chat.abstained.title')}
      </p>
      <div className="mt-2 space-y-2 ps-6.5 text-ink-2">
        {children}
        <p>{t('chat.abstained.action')}</p>
      </div>
      {mayAdd && (
        <Link href="/documents" className={buttonStyle({ size: 'small', className: 'ms-6.5 mt-3' })}>
          <FilePlus2 className="size-4" aria-hidden />
          {t('chat.abstained.add')}
        </Link>
      )}
    </div>
  )
}

interface OutcomeProps {
  state: MessageState
  failure: RunFailure | null
  /** Has it written on from where it was; undefined where that makes no sense any more: it is not the last answer. */
  onContinue: (() => void) | undefined
  continuing: boolean
}

/** How an answer ended, where it did not simply end well, and the way on. */
export const AnswerOutcome = ({ state, failure, onContinue, continuing }: OutcomeProps) => {
  const goOn = onContinue !== undefined && (
    <Button size="small" onClick={onContinue} aria-busy={continuing} data-testid="continue">
      <CirclePlay className="size-4" aria-hidden />
      {t('chat.continue')}
    </Button>
  )
  if (state === 'failed') {
    const problem = failure ?? { message: t('chat.failed'), action: t('error.unknown.action'), retryable: true }
    return (
      <Problem className="mt-3" problem={problem}>
        {problem.retryable && goOn && <div className="mt-2">{goOn}</div>}
      </Problem>
    )
  }
  if (state === 'interrupted') {
    const action = onContinue === undefined ? t('chat.interruptedEarlier') : t('chat.interruptedAction')
    return (
      <Problem className="mt-3" problem={{ message: t('chat.interrupted'), action }}>
        {goOn && <div className="mt-2">{goOn}</div>}
      </Problem>
    )
  }
  if (state !== 'stopped') return null
  return (
    <p className="mt-3 flex flex-wrap items-center gap-2 text-[0.8125rem] text-ink-2">
      <CircleStop className="size-4 text-ink-3" aria-hidden />
      {t('chat.stopped')}
      {goOn}
    </p>
  )
}

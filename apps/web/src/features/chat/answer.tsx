'use client'

import type { Citation, Message } from '@quarry/contracts'
import { useMemo, useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import type { SourcePlace } from '../viewer/source-address.ts'
import { sourceParam, citationPlace } from '../viewer/source-address.ts'
import { AnswerContext } from './answer-context.tsx'
import { AnswerFooter } from './answer-footer.tsx'
import { Abstained, AnswerOutcome } from './answer-outcome.tsx'
import { AnswerText } from './answer-text.tsx'
import { RunSteps } from './run-steps.tsx'
import { SourceList } from './source-list.tsx'
import { useContinue } from './use-continue.ts'
import { useLiveAnswer } from './use-live-answer.ts'

export interface AnswerProps {
  message: Message
  openSource: SourcePlace | null
  onOpenSource: (place: SourcePlace) => void
  /** The last one of its conversation: it may be written on. */
  isLast: boolean
}

const byMarker = (citations: readonly Citation[]) => new Map(citations.map((c) => [c.marker, c]))

/** One answer: followed live while it is written, read from the conversation afterwards, in the same place on screen. */
export const Answer = ({ message, openSource, onOpenSource, isLast }: AnswerProps) => {
  const live = useLiveAnswer(message)
  const shown = live?.message ?? message
  const streaming = message.state === 'streaming'
  const { text, citations, state, abstained, failure } = shown
  const [followed, setFollowed] = useState(streaming)
  if (streaming && !followed) setFollowed(true)
  const article = useRef<HTMLElement>(null)
  const { goOn, pending } = useContinue(message)
  const openParam = openSource === null ? null : sourceParam(openSource)
  const openMarker = citations.find((c) => sourceParam(citationPlace(c)) === openParam)?.marker ?? null
  const context = useMemo(
    () => ({ citations: byMarker(citations), openMarker, onOpen: onOpenSource }),
    [citations, openMarker, onOpenSource],
  )
  const sorted = useMemo(() => citations.toSorted((a, b) => a.marker - b.marker), [citations])
  const waiting = streaming && text === ''
  const working = streaming && live?.status !== 'writing'
  const writeOn = () => {
    // The button goes away; who uses a keyboard stays where the answer is.
    article.current?.focus({ preventScroll: true })
    goOn()
  }
  const body = text === '' ? null : <AnswerText text={text} streaming={streaming} />
  return (
    <AnswerContext value={context}>
      <article
        ref={article}
        tabIndex={-1}
        aria-label={t('chat.answer')}
        aria-busy={streaming}
        data-state={state}
        className="min-w-0 outline-hidden"
      >
        <h2 className="sr-only">{t('chat.answer')}</h2>
        <div className="mb-2 empty:hidden">
          <RunSteps steps={shown.steps} open={waiting} />
        </div>
        {abstained && !streaming ? <Abstained>{body}</Abstained> : body}
        {/* There before it has anything to say, or a screen reader would not notice. */}
        {(followed || isLast) && (
          <p role="status" className={working ? 'animate-breathe text-[0.8125rem] text-ink-2' : 'sr-only'}>
            {streaming && t(`chat.working.${live?.status ?? 'started'}`)}
            {!streaming && followed && state === 'complete' && t('chat.done')}
          </p>
        )}
        {live?.connected === false && (
          <p role="status" className="mt-2 text-xs text-warn">
            {t('chat.reconnecting')}
          </p>
        )}
        {!streaming && (
          <AnswerOutcome
            state={state}
            failure={failure}
            onContinue={isLast ? writeOn : undefined}
            continuing={pending}
          />
        )}
        {!streaming && sorted.length > 0 && <SourceList citations={sorted} />}
        {!streaming && text !== '' && <AnswerFooter message={shown} />}
      </article>
    </AnswerContext>
  )
}

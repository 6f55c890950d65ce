'use client'

import type { Citation, Message } from '@quarry/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import type { SourcePlace } from '../viewer/source-address.ts'
import { sourceParam, citationPlace } from '../viewer/source-address.ts'
import { AnswerContext } from './answer-context.tsx'
import { AnswerFooter } from './answer-footer.tsx'
import { Abstained, AnswerOutcome } from './answer-outcome.tsx'
import { AnswerText } from './answer-text.tsx'
import { finishMessage } from './conversation-cache.ts'
import type { RunState } from './run-state.ts'
import { RunSteps } from './run-steps.tsx'
import { SourceList } from './source-list.tsx'
import { stepsSeen, useRun } from './use-run.ts'

export interface AnswerProps {
  message: Message
  openSource: SourcePlace | null
  onOpenSource: (place: SourcePlace) => void
  onAskAgain: (() => void) | undefined
}

/** One answer: followed live while it is written, read from the conversation afterwards. */
export const Answer = (props: AnswerProps) => {
  const { message } = props
  return message.state === 'streaming' && message.runId !== null ? (
    <LiveAnswer {...props} runId={message.runId} />
  ) : (
    <AnswerView {...props} streaming={false} steps={stepsSeen(message.runId)} />
  )
}

const LiveAnswer = ({ runId, ...props }: AnswerProps & { runId: NonNullable<Message['runId']> }) => {
  const { message } = props
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { run, connected, refused } = useRun(runId)

  useEffect(() => {
    const key = trpc.conversations.get.queryKey({ id: message.conversationId })
    if (run.end !== null) {
      queryClient.setQueryData(key, (view) => (view === undefined ? view : finishMessage(view, runId, run)))
      void queryClient.invalidateQueries(trpc.conversations.list.pathFilter())
    } else if (refused) {
      void queryClient.invalidateQueries({ queryKey: key }) // the log is gone: what is stored is what there is
    }
  }, [run, refused, runId, message.conversationId, queryClient, trpc])

  const live: Message = { ...message, text: run.text, citations: [...run.citations], failure: run.failure }
  return (
    <>
      <AnswerView {...props} message={live} streaming steps={run.steps} status={run.status} />
      {!connected && (
        <p role="status" className="mt-2 text-xs text-warn">
          {t('chat.reconnecting')}
        </p>
      )}
    </>
  )
}

interface AnswerViewProps extends AnswerProps {
  streaming: boolean
  steps: RunState['steps']
  status?: RunState['status']
}

const byMarker = (citations: readonly Citation[]) => new Map(citations.map((c) => [c.marker, c]))

const AnswerView = ({ message, streaming, steps, status, openSource, onOpenSource, onAskAgain }: AnswerViewProps) => {
  const { text, citations, state, abstained, failure, model, timings } = message
  const openParam = openSource === null ? null : sourceParam(openSource)
  const openMarker = citations.find((c) => sourceParam(citationPlace(c)) === openParam)?.marker ?? null
  const context = useMemo(
    () => ({ citations: byMarker(citations), openMarker, onOpen: onOpenSource }),
    [citations, openMarker, onOpenSource],
  )
  const sorted = useMemo(() => citations.toSorted((a, b) => a.marker - b.marker), [citations])
  const waiting = streaming && text === ''
  const body = text === '' ? null : <AnswerText text={text} streaming={streaming} />
  return (
    <AnswerContext value={context}>
      <article aria-label={t('chat.answer')} aria-busy={streaming} data-state={state} className="min-w-0">
        <h2 className="sr-only">{t('chat.answer')}</h2>
        <div className="mb-2 empty:hidden">
          <RunSteps steps={steps} open={waiting} />
        </div>
        {streaming && (
          <p role="status" className={waiting ? 'animate-breathe text-[0.8125rem] text-ink-2' : 'sr-only'}>
            {t(`chat.working.${status ?? 'started'}`)}
          </p>
        )}
        {abstained && !streaming ? <Abstained>{body}</Abstained> : body}
        <AnswerOutcome state={state} failure={failure} onAskAgain={onAskAgain} />
        {!streaming && sorted.length > 0 && <SourceList citations={sorted} />}
        {!streaming && <AnswerFooter text={text} model={model} timings={timings} />}
      </article>
    </AnswerContext>
  )
}

'use client'

import type { Message } from '@quarry/contracts'
import { Quote } from 'lucide-react'
import { formatSeconds } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { useMe } from '../session/use-me.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { AnswerFeedback } from './answer-feedback.tsx'
import { withoutMarkers } from './citation-markers.ts'
import { answerAsHtml } from './export/answer-html.ts'
import { answerAsText } from './export/answer-text.ts'
import { modelName } from './model-name.ts'

/** Under a finished answer: copy it, say whether it helped, who answered, and how long it took. */
export const AnswerFooter = ({ message }: { message: Message }) => {
  const me = useMe()
  const { text, model, timings, citations } = message
  return (
    <div className="mt-2 -ml-1.5 flex flex-wrap items-center gap-x-0.5 text-xs text-ink-3">
      <CopyButton text={withoutMarkers(text)} label={t('chat.copy')} />
      {citations.length > 0 && (
        <CopyButton
          icon={Quote}
          label={t('chat.copyWithReferences')}
          text={() => ({
            text: answerAsText(message, window.location.origin),
            html: answerAsHtml(message, window.location.origin),
          })}
        />
      )}
      <AnswerFeedback message={message} />
      {model !== null && (
        <span className="ms-1.5 inline-flex flex-wrap gap-x-1">
          <span data-testid="answer-model">{t('chat.model.label', { model: modelName(model, me.model) })}</span>
          {timings !== null && <span>{t('chat.took', { duration: formatSeconds(timings.totalMs) })}</span>}
        </span>
      )}
    </div>
  )
}

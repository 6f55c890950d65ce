'use client'

import type { Timings } from '@quarry/contracts'
import { formatSeconds } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { useMe } from '../session/use-me.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { withoutMarkers } from './citation-markers.ts'
import { modelName } from './model-name.ts'

interface AnswerFooterProps {
  text: string
  model: string | null
  timings: Timings | null
}

/** Under a finished answer: copy it, who answered, and how long it took. */
export const AnswerFooter = ({ text, model, timings }: AnswerFooterProps) => {
  const me = useMe()
  return (
    <div className="mt-2 -ml-1.5 flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
      <CopyButton text={withoutMarkers(text)} label={t('chat.copy')} />
      {model !== null && (
        <span className="inline-flex flex-wrap gap-x-1">
          <span data-testid="answer-model">{t('chat.model.label', { model: modelName(model, me.model) })}</span>
          {timings !== null && <span>{t('chat.took', { duration: formatSeconds(timings.totalMs) })}</span>}
        </span>
      )}
    </div>
  )
}

'use client'

import { t } from '../../i18n/translate.ts'
import { useMe } from '../session/use-me.ts'
import { modelName } from './model-name.ts'

/** Under the composer: its keys, and who will answer. */
export const ModelNote = () => {
  const { model } = useMe()
  return (
    <p className="mt-2 flex justify-between gap-3 px-1.5 text-xs text-ink-3">
      <span id="composer-keys" className="hidden sm:inline">
        {t('chat.keys')}
      </span>
      <span className="truncate">{modelName(model.id, model)}</span>
    </p>
  )
}

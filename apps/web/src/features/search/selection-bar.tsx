'use client'

import { MessageSquareText } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'

interface SelectionBarProps {
  /** What was found, in words. */
  summary: string
  /** Documents among the results. */
  shown: number
  selected: number
  onAsk: () => void
  onClear: () => void
}

/** How much was found, and asking about it: about what was selected, else about all that is shown. */
export const SelectionBar = ({ summary, shown, selected, onAsk, onClear }: SelectionBarProps) => (
  <div className="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
    <p role="status" data-testid="search-summary" className="text-xs text-ink-3">
      {summary}
      {selected > 0 && <span className="text-ink-2"> · {t('search.selected', { count: selected })}</span>}
    </p>
    <div className="flex flex-wrap items-center gap-2">
      {selected > 0 && (
        <Button look="ghost" size="small" onClick={onClear}>
          {t('search.selected.clear')}
        </Button>
      )}
      <Button size="small" look={selected > 0 ? 'primary' : 'secondary'} data-testid="ask-about" onClick={onAsk}>
        <MessageSquareText className="size-4" aria-hidden />
        {selected > 0 ? t('search.ask.selected', { count: selected }) : t('search.ask.shown', { count: shown })}
      </Button>
    </div>
  </div>
)

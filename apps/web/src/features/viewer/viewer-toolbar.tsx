'use client'

import { ChevronLeft, ChevronRight, ZoomIn, ZoomOut } from 'lucide-react'
import type { ReactNode, SubmitEvent } from 'react'
import { t } from '../../i18n/translate.ts'
import { fieldText } from '../auth/form-check.ts'
import { Button, IconButton } from '../ui/button.tsx'

/** Steps of the zoom; 1 fits the width. */
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3]

interface ViewerToolbarProps {
  ordinal: number
  count: number
  paged: boolean
  zoom: number
  onTurn: (ordinal: number) => void
  onZoom: (zoom: number) => void
  /** Another way to turn, where the format names its sections. */
  sections: ReactNode
}

/** Turning pages and zooming. */
export const ViewerToolbar = ({ ordinal, count, paged, zoom, onTurn, onZoom, sections }: ViewerToolbarProps) => {
  const step = ZOOMS.indexOf(zoom)
  const jump = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const wanted = Number(fieldText(new FormData(event.currentTarget), 'page'))
    if (Number.isSafeInteger(wanted)) onTurn(Math.min(count, Math.max(1, wanted)))
  }
  const unit = paged ? t('viewer.page') : t('viewer.section')
  return (
    <div
      role="group"
      aria-label={t('viewer.toolbar')}
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-3 py-1.5 text-[0.8125rem]"
    >
      <div className={paged || count > 1 ? 'flex items-center gap-1' : 'hidden'}>
        <IconButton label={t('viewer.previous')} disabled={ordinal <= 1} onClick={() => onTurn(ordinal - 1)}>
          <ChevronLeft className="size-4 rtl:-scale-x-100" aria-hidden />
        </IconButton>
        <form onSubmit={jump} className="flex items-center gap-1.5">
          <span aria-hidden>{unit}</span>
          <input
            key={ordinal}
            name="page"
            inputMode="numeric"
            autoComplete="off"
            aria-label={t('viewer.goTo')}
            defaultValue={ordinal}
            className="h-7 w-11 rounded-md border border-control bg-surface text-center tabular-nums"
          />
          <span className="text-ink-2 tabular-nums">{t('viewer.of', { count })}</span>
        </form>
        <IconButton label={t('viewer.next')} disabled={ordinal >= count} onClick={() => onTurn(ordinal + 1)}>
          <ChevronRight className="size-4 rtl:-scale-x-100" aria-hidden />
        </IconButton>
      </div>
      {sections}
      <div className="ms-auto flex items-center gap-0.5">
        <IconButton label={t('viewer.zoomOut')} disabled={step <= 0} onClick={() => onZoom(ZOOMS[step - 1] ?? 1)}>
          <ZoomOut className="size-4" aria-hidden />
        </IconButton>
        <Button
          look="ghost"
          size="small"
          className="w-14 tabular-nums"
          title={t('viewer.zoomReset')}
          onClick={() => onZoom(1)}
        >
          {t('common.percent', { value: Math.round(zoom * 100) })}
        </Button>
        <IconButton
          label={t('viewer.zoomIn')}
          disabled={step >= ZOOMS.length - 1}
          onClick={() => onZoom(ZOOMS[step + 1] ?? 1)}
        >
          <ZoomIn className="size-4" aria-hidden />
        </IconButton>
      </div>
    </div>
  )
}

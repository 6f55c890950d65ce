'use client'

import { ScanText } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'

interface OcrBarProps {
  showsText: boolean
  onShowText: (showsText: boolean) => void
}

/** Says that words were recognised in a picture, and lets the reader compare: the picture or its text. */
export const OcrBar = ({ showsText, onShowText }: OcrBarProps) => (
  <div
    data-testid="ocr-bar"
    className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-1.5 text-[0.8125rem]"
  >
    <p className="flex items-center gap-2 text-warn">
      <ScanText className="size-4 shrink-0" aria-hidden />
      {t('viewer.ocr')}
    </p>
    <Button size="small" aria-pressed={showsText} onClick={() => onShowText(!showsText)}>
      {showsText ? t('viewer.ocr.showPage') : t('viewer.ocr.showText')}
    </Button>
  </div>
)

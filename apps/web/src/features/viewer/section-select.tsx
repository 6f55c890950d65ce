'use client'

import type { documentVersionOutput } from '@quarry/contracts'
import type { z } from 'zod'
import { t } from '../../i18n/translate.ts'
import { FilterSelect } from '../ui/field.tsx'

interface SectionSelectProps {
  labels: z.infer<typeof documentVersionOutput>['labels']
  ordinal: number
  onTurn: (ordinal: number) => void
}

/** The sections by their names: sheets, slides, chapters. Between two of them, the one before is where one is. */
export const SectionSelect = ({ labels, ordinal, onTurn }: SectionSelectProps) => {
  const here = labels.findLast((section) => section.ordinal <= ordinal)
  return (
    <FilterSelect
      label={t('viewer.sectionsLabel')}
      value={here?.ordinal ?? ''}
      onChange={(event) => onTurn(Number(event.target.value))}
      className="h-8 max-w-40 flex-1"
    >
      {here === undefined && <option value="">–</option>}
      {labels.map((section) => (
        <option key={section.ordinal} value={section.ordinal}>
          {section.label}
        </option>
      ))}
    </FilterSelect>
  )
}

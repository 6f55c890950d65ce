'use client'

import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'
import { FilterSelect } from '../ui/field.tsx'
import { type Added, ADDED_PRESETS, type AddedPreset, parseAdded } from './added-range.ts'
import { DayField } from './day-field.tsx'
import { narrows } from './search-address.ts'

const PRESETS = Object.keys(ADDED_PRESETS) as AddedPreset[]
const RANGE = 'range'

interface AddedFilterProps {
  added: Added
  onChange: (added: Added) => void
  /** What it is called, where it is not documents that were added. */
  label?: string
}

/** When documents were added: lately, or between two days. */
export const AddedFilter = ({ added, onChange, label = t('search.added') }: AddedFilterProps) => {
  const range = typeof added === 'object' ? added : null
  const chosen = range === null ? (added ?? '') : RANGE
  const choose = (value: string) =>
    onChange(value === RANGE ? { from: null, to: null } : value === '' ? null : parseAdded(value))
  return (
    <>
      <FilterSelect
        label={label}
        value={typeof chosen === 'string' ? chosen : ''}
        onChange={(event) => choose(event.target.value)}
        className={classNames('h-8 font-medium', narrows(added) && 'border-accent bg-accent-soft')}
      >
        <option value="">{t('search.added.any')}</option>
        {PRESETS.map((preset) => (
          <option key={preset} value={preset}>
            {t(`search.added.${preset}`)}
          </option>
        ))}
        <option value={RANGE}>{t('search.added.range')}</option>
      </FilterSelect>
      {range !== null && (
        <div role="group" aria-label={t('search.added.range')} className="flex min-w-0 items-center gap-1.5">
          <DayField
            label={t('search.added.from')}
            value={range.from}
            max={range.to ?? undefined}
            onChange={(from) => onChange({ ...range, from })}
          />
          <span aria-hidden className="text-ink-3">
            –
          </span>
          <DayField
            label={t('search.added.to')}
            value={range.to}
            min={range.from ?? undefined}
            onChange={(to) => onChange({ ...range, to })}
          />
        </div>
      )}
    </>
  )
}

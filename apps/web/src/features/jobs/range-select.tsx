import { t } from '../../i18n/translate.ts'
import { FilterSelect } from '../ui/field.tsx'

export type Range = 'hour' | 'day'
const RANGES: readonly Range[] = ['hour', 'day']

interface RangeSelectProps {
  label: string
  range: Range
  onRange: (range: Range) => void
}

/** How far back charts go. */
export const RangeSelect = ({ label, range, onRange }: RangeSelectProps) => (
  <FilterSelect label={label} value={range} onChange={({ target }) => onRange(target.value === 'day' ? 'day' : 'hour')}>
    {RANGES.map((value) => (
      <option key={value} value={value}>
        {t(`jobs.range.${value}`)}
      </option>
    ))}
  </FilterSelect>
)

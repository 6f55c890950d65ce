'use client'

import { jobKind, jobState } from '@quarry/contracts'
import { FilterX } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { SearchField } from '../documents/search-field.tsx'
import { AddedFilter } from '../search/added-filter.tsx'
import { Button } from '../ui/button.tsx'
import { FilterSelect } from '../ui/field.tsx'
import { ChosenFilter } from './chosen-filter.tsx'
import { EVERY_JOB, isNarrowed, type JobPlace } from './job-address.ts'
import { kindName } from './job-words.ts'

interface JobFiltersProps {
  place: JobPlace
  onChange: (change: Partial<JobPlace>) => void
  /** Of all workspaces, where documents have no names to search by. */
  everywhere: boolean
}

const UNFINISHED = 'unfinished'
const WIDTH = 'min-w-24 flex-1 sm:max-w-48 sm:flex-none'

export const JobFilters = ({ place, onChange, everywhere }: JobFiltersProps) => (
  <search className="flex flex-wrap items-center gap-2">
    {!everywhere && (
      <SearchField label={t('jobs.filter.query')} value={place.query} onChange={(query) => onChange({ query })} />
    )}
    <FilterSelect
      label={t('jobs.filter.state')}
      value={place.state ?? ''}
      onChange={({ target: { value } }) =>
        onChange({ state: value === UNFINISHED ? value : (jobState.safeParse(value).data ?? null) })
      }
      className={WIDTH}
    >
      <option value="">{t('jobs.filter.allStates')}</option>
      <option value={UNFINISHED}>{t('jobs.filter.unfinished')}</option>
      {jobState.options.map((state) => (
        <option key={state} value={state}>
          {t(`jobs.state.${state}`)}
        </option>
      ))}
    </FilterSelect>
    <FilterSelect
      label={t('jobs.filter.kind')}
      value={place.kind ?? ''}
      onChange={({ target: { value } }) => onChange({ kind: jobKind.safeParse(value).data ?? null })}
      className={WIDTH}
    >
      <option value="">{t('jobs.filter.allKinds')}</option>
      {jobKind.options.map((kind) => (
        <option key={kind} value={kind}>
          {kindName(kind)}
        </option>
      ))}
    </FilterSelect>
    <AddedFilter label={t('jobs.filter.time')} added={place.asked} onChange={(asked) => onChange({ asked })} />
    {place.errorClass !== null && (
      <ChosenFilter
        text={t('jobs.filter.reason', { reason: place.errorClass })}
        label={t('jobs.filter.reason.clear')}
        onClear={() => onChange({ errorClass: null })}
      />
    )}
    {isNarrowed(place) && (
      <Button look="ghost" size="small" onClick={() => onChange(EVERY_JOB)}>
        <FilterX className="size-4" aria-hidden />
        {t('jobs.filter.clear')}
      </Button>
    )}
  </search>
)

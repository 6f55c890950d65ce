'use client'

import { ChevronDown } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import { Menu, MenuCheckbox, MenuHeading } from '../ui/menu.tsx'

export interface FilterOption<T extends string> {
  readonly value: T
  readonly label: string
  /** How many documents have it; undefined where that is not known. */
  readonly documents?: number | undefined
}

interface FilterMenuProps<T extends string> {
  label: string
  /** What it says while nothing is chosen. */
  all: string
  options: readonly FilterOption<T>[]
  chosen: readonly T[]
  onChange: (chosen: T[]) => void
}

/** One filter, of which several values may be chosen; none means all. */
export const FilterMenu = <T extends string>({ label, all, options, chosen, onChange }: FilterMenuProps<T>) => {
  const names = options.filter(({ value }) => chosen.includes(value)).map((option) => option.label)
  const [first = ''] = names
  const summary =
    chosen.length === 0 ? all : t('search.filter.chosen', { count: Math.max(chosen.length, 1), name: first, label })
  return (
    <Menu
      align="start"
      trigger={
        <Button
          size="small"
          aria-label={t('search.filter.label', { label, value: summary })}
          className={classNames('max-w-44 min-w-0', chosen.length > 0 && 'border-accent bg-accent-soft')}
        >
          <span className="truncate" dir="auto">
            {summary}
          </span>
          <ChevronDown className="size-3.5 shrink-0" aria-hidden />
        </Button>
      }
    >
      <MenuHeading>{label}</MenuHeading>
      <MenuCheckbox checked={chosen.length === 0} onCheckedChange={() => onChange([])}>
        {all}
      </MenuCheckbox>
      {options.map(({ value, label: name, documents }) => (
        <MenuCheckbox
          key={value}
          checked={chosen.includes(value)}
          onCheckedChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((other) => other !== value))}
        >
          <bdi>{name}</bdi>
          {documents !== undefined && <span className="ms-2 text-ink-3 tabular-nums">{documents}</span>}
        </MenuCheckbox>
      ))}
    </Menu>
  )
}

'use client'

import type { SearchHit } from '@quarry/contracts'
import { type MouseEvent, useMemo } from 'react'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'
import { sourceHref } from '../viewer/source-address.ts'
import { hitKey, hitPlace } from './result-groups.ts'
import { snippetOf } from './snippet.ts'

/** The passage around the matches, on one to three lines. */
const SnippetText = ({ hit }: { hit: SearchHit }) => {
  const { parts, start, end } = useMemo(() => snippetOf(hit.text, hit.highlights), [hit])
  return (
    <span className="line-clamp-3 text-[0.8125rem] leading-relaxed [overflow-wrap:anywhere] text-ink-2" dir="auto">
      {start > 0 && '… '}
      {parts.map(({ text, marked }, i) =>
        marked ? (
          // eslint-disable-next-line react/no-array-index-key -- the parts of a snippet have no other identity
          <mark key={i} className="rounded-[3px] bg-mark text-black [box-decoration-break:clone]">
            {text}
          </mark>
        ) : (
          text
        ),
      )}
      {end < hit.text.length && ' …'}
    </span>
  )
}

/** The page; a section only where no heading says more. */
const placeOf = ({ page, ordinal, headingPath }: SearchHit): string | null => {
  if (page !== null) return t('search.page', { page })
  return ordinal > 1 && headingPath.length === 0 ? t('search.section', { ordinal }) : null
}

interface ResultOptionProps {
  hit: SearchHit
  selected: boolean
  /** Its source is beside the list. */
  open: boolean
  /** The one that Tab leads to. */
  reachable: boolean
  onFocus: () => void
  onOpen: () => void
}

/** One passage. A link as well, so that it can be opened in another tab. */
export const ResultOption = ({ hit, selected, open, reachable, onFocus, onOpen }: ResultOptionProps) => {
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onOpen()
  }
  const place = [placeOf(hit), ...hit.headingPath].filter((part) => part !== null && part !== '')
  return (
    <a
      role="option"
      href={sourceHref(hitPlace(hit))}
      data-testid="search-result"
      data-key={hitKey(hit)}
      aria-selected={selected}
      aria-current={open ? 'true' : undefined}
      tabIndex={reachable ? 0 : -1}
      draggable={false}
      onFocus={onFocus}
      onClick={onClick}
      className={classNames(
        'block rounded-lg px-3 py-2 hover:bg-hover focus-visible:-outline-offset-2',
        open && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      {place.length > 0 && (
        <span
          className={classNames('mb-0.5 block truncate text-xs font-medium', open ? 'text-ink-2' : 'text-ink-3')}
          dir="auto"
        >
          {place.join(' › ')}
        </span>
      )}
      <SnippetText hit={hit} />
    </a>
  )
}

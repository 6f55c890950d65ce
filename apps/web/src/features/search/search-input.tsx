'use client'

import { Search } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { t } from '../../i18n/translate.ts'
import { useSettledText } from '../ui/use-settled-text.ts'
import { MAX_QUERY_LENGTH } from './search-address.ts'

/** By which the shortcut finds it from anywhere. */
export const SEARCH_INPUT_ID = 'search-query'

/** A pause in typing, ms: most people type a letter each 100 to 250 ms, so that results follow words, not letters. */
const PAUSE_MS = 250

interface SearchInputProps {
  value: string
  onChange: (value: string) => void
  /** Arrow down: to the results. */
  onLeave: () => void
  busy: boolean
}

/** Where a search is typed. It counts when the person pauses, or at once with Enter. */
export const SearchInput = ({ value, onChange, onLeave, busy }: SearchInputProps) => {
  const { typed, setTyped, settle } = useSettledText(value, onChange, PAUSE_MS)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') settle()
    if (event.key !== 'ArrowDown') return
    event.preventDefault()
    onLeave()
  }
  return (
    <div className="relative">
      <Search
        className={`pointer-events-none absolute inset-y-0 start-3.5 my-auto size-4.5 text-ink-3 ${busy ? 'animate-breathe' : ''}`}
        aria-hidden
      />
      <input
        id={SEARCH_INPUT_ID}
        type="search"
        data-testid="search-input"
        aria-label={t('search.query')}
        aria-describedby="search-keys"
        placeholder={t('search.placeholder')}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
        dir="auto"
        maxLength={MAX_QUERY_LENGTH}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-12 w-full rounded-xl border border-control bg-surface ps-11 pe-4 text-base shadow-float placeholder:text-ink-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0"
      />
    </div>
  )
}

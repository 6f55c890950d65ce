'use client'

import { Search } from 'lucide-react'
import { useSettledText } from '../ui/use-settled-text.ts'

interface SearchFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
}

/** A pause in typing, ms: people type a letter each 100 to 200 ms, and each change asks the server. */
const PAUSE_MS = 250

/** The filter by name. What is typed stands in the field at once, and counts when the person pauses. */
export const SearchField = ({ label, value, onChange }: SearchFieldProps) => {
  const { typed, setTyped } = useSettledText(value, onChange, PAUSE_MS)
  return (
    <div className="relative w-full sm:max-w-72 sm:flex-1">
      <Search className="pointer-events-none absolute inset-y-0 start-2.5 my-auto size-4 text-ink-3" aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={200}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        className="h-9 w-full rounded-lg border border-line-strong bg-surface ps-8.5 pe-2 text-[0.8125rem] placeholder:text-ink-3"
      />
    </div>
  )
}

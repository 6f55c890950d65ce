'use client'

import { useState } from 'react'

/** Years before this are half-typed ones: a date field says 0020 on the way to 2026. */
const EARLIEST_YEAR = 1900

interface DayFieldProps {
  label: string
  /** "2026-11-23", or null. */
  value: string | null
  min?: string | undefined
  max?: string | undefined
  onChange: (day: string | null) => void
}

/** A day, which counts when it is whole. */
export const DayField = ({ label, value, min, max, onChange }: DayFieldProps) => {
  const [typed, setTyped] = useState(value ?? '')
  const [seen, setSeen] = useState(value)
  if (seen !== value) {
    setSeen(value)
    setTyped(value ?? '')
  }
  const write = (next: string) => {
    setTyped(next)
    if (next === '') onChange(null)
    else if (Number(next.slice(0, 4)) >= EARLIEST_YEAR) onChange(next)
  }
  return (
    <input
      type="date"
      aria-label={label}
      value={typed}
      min={min}
      max={max}
      onChange={(event) => write(event.target.value)}
      className="h-8 min-w-0 rounded-lg border border-line-strong bg-surface px-2 text-[0.8125rem] text-ink"
    />
  )
}

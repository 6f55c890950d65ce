import { LOCALE } from './translate.ts'

const dayFormat = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' })
const momentFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' })
const clockFormat = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'short' })
const relativeFormat = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' })
const languageFormat = new Intl.DisplayNames(LOCALE, { type: 'language', fallback: 'code' })

export const formatMoment = (iso: string): string => momentFormat.format(new Date(iso))

/** "just now" and "5 minutes ago" within a day, the clock within the same day, then the date. */
export const formatAgo = (iso: string, now: Date = new Date()): string => {
  const then = new Date(iso)
  const minutes = Math.round((now.getTime() - then.getTime()) / 60_000)
  if (minutes < 60) return relativeFormat.format(-Math.max(0, minutes), 'minute')
  if (then.toDateString() === now.toDateString()) return clockFormat.format(then)
  return dayFormat.format(then)
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** Decimal units, as file managers show them. */
export const formatBytes = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const unit = UNITS[power] ?? 'byte'
  return new Intl.NumberFormat(LOCALE, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(bytes / 1000 ** power)
}

export const formatSeconds = (ms: number): string =>
  new Intl.NumberFormat(LOCALE, { style: 'unit', unit: 'second', maximumFractionDigits: ms < 10_000 ? 1 : 0 }).format(
    ms / 1000,
  )

/** The name of a BCP 47 tag ("de" → "German"), or the tag itself where it has none. */
export const formatLanguage = (tag: string): string => {
  try {
    return languageFormat.of(tag) ?? tag
  } catch {
    return tag // what the detector says ("und-x", "simple") need not be a well-formed tag
  }
}

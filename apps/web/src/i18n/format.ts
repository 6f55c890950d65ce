import { LOCALE, t } from './translate.ts'

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
  if (minutes < 1) return t('time.now')
  if (minutes < 60) return relativeFormat.format(-minutes, 'minute')
  if (then.toDateString() === now.toDateString()) return clockFormat.format(then)
  return dayFormat.format(then)
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** Binary multiples under their everyday names, so that a limit of 100 MiB reads as the 100 MB that was meant. */
export const formatBytes = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const unit = UNITS[power] ?? 'byte'
  return new Intl.NumberFormat(LOCALE, {
    style: 'unit',
    unit,
    unitDisplay: power === 0 ? 'long' : 'short', // "0 byte" is what it would be in short
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(bytes / 1024 ** power)
}

export const formatSeconds = (ms: number): string =>
  new Intl.NumberFormat(LOCALE, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumFractionDigits: ms < 10_000 ? 1 : 0,
  }).format(ms / 1000)

const capitalised = (text: string) => text.charAt(0).toLocaleUpperCase(LOCALE) + text.slice(1)

/** The name of a language by its tag ("de" → "German"), or by the name of its text search ("german"). */
export const formatLanguage = (tag: string): string => {
  try {
    return capitalised(languageFormat.of(tag) ?? tag)
  } catch {
    return capitalised(tag) // what the detector says need not be a well-formed tag
  }
}

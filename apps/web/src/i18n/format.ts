import { LOCALE, t } from './translate.ts'

const dayFormat = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' })
const momentFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' })
const clockFormat = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'short' })
const preciseFormat = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium' })
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

const units = (unit: string, display: 'narrow' | 'long' = 'narrow') =>
  new Intl.NumberFormat(LOCALE, { style: 'unit', unit, unitDisplay: display, maximumFractionDigits: 0 })
const [days, hours, minutes, seconds] = [units('day'), units('hour'), units('minute'), units('second')]
const aboutHours = units('hour', 'long')
const aboutMinutes = units('minute', 'long')

/** A duration in its two largest units: "840ms", "4.2s", "3m 5s", "2h 4m", "1d 3h". */
export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(Math.max(0, ms))}ms`
  if (ms < 60_000) return formatSeconds(ms)
  const total = Math.round(ms / 1000)
  const [d, h, m, s] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ]
  const parts = d > 0 ? [days.format(d), hours.format(h)] : h > 0 ? [hours.format(h), minutes.format(m)] : null
  return (parts ?? [minutes.format(m), seconds.format(s)]).join(' ')
}

/** How long something will take, as roughly as it is known: "less than a minute", "about 2 minutes", "about 3 hours". */
export const formatAbout = (expectedSeconds: number): string => {
  if (expectedSeconds < 50) return t('time.lessThanAMinute')
  const wholeMinutes = Math.max(1, Math.round(expectedSeconds / 60))
  const amount =
    wholeMinutes < 90 ? aboutMinutes.format(wholeMinutes) : aboutHours.format(Math.round(wholeMinutes / 60))
  return t('time.about', { amount })
}

/** The clock with its seconds; with the day where that is not today. */
export const formatClock = (iso: string, now: Date = new Date()): string => {
  const then = new Date(iso)
  const sameDay = then.toDateString() === now.toDateString()
  return sameDay ? preciseFormat.format(then) : `${dayFormat.format(then)}, ${preciseFormat.format(then)}`
}
export const formatHour = (iso: string): string => clockFormat.format(new Date(iso))

const capitalised = (text: string) => text.charAt(0).toLocaleUpperCase(LOCALE) + text.slice(1)

/** The name of a language by its tag ("de" → "German"), or by the name of its text search ("german"). */
export const formatLanguage = (tag: string): string => {
  try {
    return capitalised(languageFormat.of(tag) ?? tag)
  } catch {
    return capitalised(tag) // what the detector says need not be a well-formed tag
  }
}

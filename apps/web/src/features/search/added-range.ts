/** Days back from today, today included: what people mean by "the last week". */
export const ADDED_PRESETS = { today: 0, week: 6, month: 29, year: 364 } as const
export type AddedPreset = keyof typeof ADDED_PRESETS

/** Days as the date field writes them ("2026-11-23"), both inclusive; null: open on that side. */
export interface AddedDays {
  readonly from: string | null
  readonly to: string | null
}

/** When documents were added; null: at any time. */
export type Added = AddedPreset | AddedDays | null

const isPreset = (value: string): value is AddedPreset => Object.hasOwn(ADDED_PRESETS, value)

/** The local midnight at which a day begins, some days later; null for what is no day of the calendar. */
const startOf = (day: string, later = 0): Date | null => {
  const [, year, month, date] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? []).map(Number)
  if (year === undefined || month === undefined || date === undefined) return null
  const start = new Date(year, month - 1, date)
  // The 31st of June would quietly be the first of July; the year 0050 the year 1950.
  if (start.getMonth() !== month - 1 || start.getFullYear() !== year) return null
  return new Date(year, month - 1, date + later)
}

const dayOrNull = (day: string | undefined) => (day !== undefined && startOf(day) !== null ? day : null)

/** Reads what `addedParam` wrote: a preset, or two days with two dots between them. */
export const parseAdded = (param: string | null): Added => {
  if (param === null) return null
  if (isPreset(param)) return param
  if (!param.includes('..')) return null
  const [from, to] = param.split('..')
  return { from: dayOrNull(from), to: dayOrNull(to) }
}

export const addedParam = (added: Added): string | null =>
  added === null || typeof added === 'string' ? added : `${added.from ?? ''}..${added.to ?? ''}`

/**
 * The moments that the days mean here: from the first local midnight until before the midnight after the last day.
 * They change once a day, so that a search is the same one all day.
 */
export const addedMoments = (
  added: Added,
  now: Date = new Date(),
): { addedFrom: string | null; addedBefore: string | null } => {
  if (added === null) return { addedFrom: null, addedBefore: null }
  if (typeof added === 'string') {
    const from = new Date(now.getFullYear(), now.getMonth(), now.getDate() - ADDED_PRESETS[added])
    return { addedFrom: from.toISOString(), addedBefore: null }
  }
  const from = added.from === null ? null : startOf(added.from)
  const before = added.to === null ? null : startOf(added.to, 1)
  return { addedFrom: from?.toISOString() ?? null, addedBefore: before?.toISOString() ?? null }
}

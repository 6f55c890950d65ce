const MINUTE_MS = 60_000
/** A year and a day: who asks for the 30th of February is told that there is none. */
const MOST_MINUTES = 367 * 24 * 60

const matches = (field: string, value: number): boolean => {
  const [base, step] = field.split('/')
  if (base === '*') return value % Number(step ?? 1) === 0
  return Number(base) === value
}

/**
 * The next moment after `now` of a crontab line: minute, hour, day of the month, month, day of the week, UTC. Each field
 * is a star, a star with a step, or one number, which is all that our own lines have. Null when there is none.
 */
export const nextTick = (line: string, now: Date): Date | null => {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = line.split(' ')
  let at = (Math.floor(now.getTime() / MINUTE_MS) + 1) * MINUTE_MS
  for (let i = 0; i < MOST_MINUTES; i++, at += MINUTE_MS) {
    const date = new Date(at)
    if (
      matches(minute, date.getUTCMinutes()) &&
      matches(hour, date.getUTCHours()) &&
      matches(day, date.getUTCDate()) &&
      matches(month, date.getUTCMonth() + 1) &&
      matches(weekday, date.getUTCDay())
    )
      return date
  }
  return null
}

import { expect, test } from 'vitest'
import { CRON_NAMES, scheduleOf } from './schedule.ts'
import { nextTick } from './next-tick.ts'

test.each([
  ['* * * * *', '2026-03-01T10:00:00.000Z', '2026-03-01T10:01:00.000Z'],
  ['* * * * *', '2026-03-01T10:00:59.999Z', '2026-03-01T10:01:00.000Z'],
  ['*/5 * * * *', '2026-03-01T10:57:00.000Z', '2026-03-01T11:00:00.000Z'],
  ['20 2 * * *', '2026-02-28T02:20:00.000Z', '2026-03-01T02:20:00.000Z'],
  ['20 * * * *', '2026-12-31T23:21:00.000Z', '2027-01-01T00:20:00.000Z'],
  ['0 0 29 2 *', '2026-01-01T00:00:00.000Z', null],
])('%s after %s is %s', (line, now, next) => {
  expect(nextTick(line, new Date(now))?.toISOString() ?? null).toBe(next)
})

test('every schedule of ours has a next time, within a day', () => {
  const now = new Date('2026-11-23T12:34:56Z')
  for (const name of CRON_NAMES) {
    const schedule = scheduleOf(name, { backup: { folder: '/backups', keep: 7 } })
    const next = nextTick(schedule?.at ?? '', now)
    expect((next?.getTime() ?? Infinity) - now.getTime(), name).toBeLessThanOrEqual(24 * 3600_000)
  }
  expect(scheduleOf('backup', { backup: null })).toBeNull()
})

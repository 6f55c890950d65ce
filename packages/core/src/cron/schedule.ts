import type { Adapters } from '@quarry/config'
import { CRON_JOBS, type CronName } from '@quarry/contracts'

/** When something is done by itself. */
export interface Schedule {
  /** Five fields, UTC: stars, steps (a star, a slash and a number) and single numbers. */
  readonly at: string
  /** A moment that passed in the last day while no worker ran is made up for, once. */
  readonly catchUp: boolean
  /** After so long it is aborted, and the next time tries again. */
  readonly deadlineMs: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** What runs each hour or more often needs no making up for. The daily ones stand apart, and when most people sleep. */
const SCHEDULES: Record<CronName, Schedule> = {
  reconcile: { at: '* * * * *', catchUp: false, deadlineMs: 10 * MINUTE_MS },
  // Signals and the outbox are good for ten minutes: with these steps there are never more than a quarter of an hour.
  retention: { at: '*/5 * * * *', catchUp: false, deadlineMs: 30 * MINUTE_MS },
  'expired-uploads': { at: '20 * * * *', catchUp: false, deadlineMs: HOUR_MS },
  // A workspace is gone some minutes after it can no longer be opened again, and one that was closed has no jobs.
  'deleted-organisations': { at: '*/5 * * * *', catchUp: false, deadlineMs: 6 * HOUR_MS },
  // After midnight has passed on every machine's clock.
  'usage-rollup': { at: '5 * * * *', catchUp: false, deadlineMs: HOUR_MS },
  backup: { at: '20 2 * * *', catchUp: true, deadlineMs: 12 * HOUR_MS },
  'orphaned-blobs': { at: '40 3 * * *', catchUp: true, deadlineMs: 6 * HOUR_MS },
}

export const CRON_NAMES = Object.keys(CRON_JOBS) as CronName[]

/** Null where it is not done by the clock in this installation. */
export const scheduleOf = (name: CronName, { backup }: Pick<Adapters, 'backup'>): Schedule | null =>
  name === 'backup' && backup === null ? null : SCHEDULES[name]

/** For what is asked for by hand, too. */
export const deadlineOf = (name: CronName): number => SCHEDULES[name].deadlineMs

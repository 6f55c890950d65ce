import { parseCronItems, type ParsedCronItem } from 'graphile-worker'
import type { Clock } from '@quarry/core/worker'

/** The one task of the queue that the clock has; which of its things is in the payload. */
export const CRON_TASK = 'cron'

/** What waits of a name is one job: a clock that catches up, or a worker that was busy for hours, leaves no heap. */
export const cronKey = (name: string): string => `cron:${name}`

/**
 * A failure of the task itself is noted, and is no failure of the job: the next time is soon. This is for a database that
 * is away when it is to be noted that one begins. enqueue_cron() says the same.
 */
export const CRON_ATTEMPTS = 3

const DAY_MS = 24 * 3600_000

/**
 * The crontab in graphile-worker's terms. Each minute is put into the queue once, by whichever worker comes first; jobs of
 * one name run one after the other.
 */
export const crontabOf = ({ lines }: Pick<Clock, 'lines'>): ParsedCronItem[] =>
  parseCronItems(
    lines.map(({ name, at, catchUp }) => ({
      task: CRON_TASK,
      match: at,
      identifier: name,
      payload: { name },
      options: {
        jobKey: cronKey(name),
        queueName: cronKey(name),
        maxAttempts: CRON_ATTEMPTS,
        backfillPeriod: catchUp ? DAY_MS : 0,
      },
    })),
  )

import type { CronName } from '@quarry/contracts'
import { REPAIRS } from './reconcile.ts'
import { CRON_NAMES, scheduleOf } from './schedule.ts'
import { cronOf, noteSuccesses, runCron, type CronEnv } from './run-cron.ts'

/** A line of the crontab. */
export interface ClockLine {
  readonly name: CronName
  readonly at: string
  readonly catchUp: boolean
}

/** What the clock of a worker does, without what makes it tick: that is graphile-worker, in the worker. */
export interface Clock {
  readonly lines: readonly ClockLine[]
  /** `worker`: the pool that took the job up. See `runCron`; null for a job that says nothing that is known. */
  run(
    payload: unknown,
    worker: string,
    signal: AbortSignal,
  ): Promise<{ readonly name: CronName; readonly outcome: Awaited<ReturnType<typeof runCron>> } | null>
  /** For the start: how long ago each last ended well. */
  noteSuccesses(): Promise<void>
}

export const createClock = (env: CronEnv): Clock => {
  // Alerts wait for them to grow, which they have to be there for: what fails once a night begins with its first failure.
  for (const name of CRON_NAMES) env.metrics.cronFailures.inc({ name }, 0)
  for (const kind of REPAIRS) env.metrics.reconciled.inc({ kind }, 0)
  return {
    lines: CRON_NAMES.flatMap((name) => {
      const schedule = scheduleOf(name, env.adapters)
      return schedule === null ? [] : [{ name, at: schedule.at, catchUp: schedule.catchUp }]
    }),
    run: async (payload, worker, signal) => {
      const asked = cronOf(payload)
      if (asked === null) return null
      return { name: asked.name, outcome: await runCron(env, { ...asked, worker }, signal) }
    },
    noteSuccesses: () => noteSuccesses(env),
  }
}

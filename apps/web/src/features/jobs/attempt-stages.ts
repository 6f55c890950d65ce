import type { JobDetail } from '@quarry/contracts'

type Attempt = JobDetail['attempts'][number]

export interface TimedStage {
  readonly stage: string
  readonly at: string
  /** Until the next one began, or the attempt ended; null while it goes on. */
  readonly ms: number | null
  /** 0–1 of the whole attempt so far. */
  readonly share: number
}

/** How long each stage of an attempt took; `now` is the end of what goes on. */
export const timedStages = ({ stages, startedAt, finishedAt }: Attempt, now: number): TimedStage[] => {
  const end = finishedAt === null ? null : Date.parse(finishedAt)
  const whole = Math.max(1, (end ?? now) - Date.parse(startedAt))
  return stages.map(({ stage, at }, index) => {
    const next = stages[index + 1]
    const until = next === undefined ? end : Date.parse(next.at)
    const ms = Math.max(0, (until ?? now) - Date.parse(at))
    return { stage, at, ms: until === null ? null : ms, share: Math.min(1, ms / whole) }
  })
}

import type { JobState } from '@quarry/contracts'
import type { Line } from './line.ts'

export interface Waiting {
  readonly state: JobState
  readonly cancelRequested: boolean
  /** Of the same organisation, before it. */
  readonly ownBefore: number
  /** Of anybody, in the line that all share. */
  readonly before: number
  readonly runAt: Date | null
  readonly errorMessage: string | null
  readonly errorClass: string | null
}

/** Why a job is not running, in a sentence, and what comes next; null where it runs or is over. */
export const whyItWaits = (job: Waiting, line: Line, now: Date): string | null => {
  if (!['waiting', 'queued', 'retrying'].includes(job.state)) return null
  if (job.cancelRequested) return 'It is being cancelled.'
  if (line.pausedAt !== null)
    return `The queue is paused by the operator since ${clock(line.pausedAt, now)}. It goes on when they resume it.`
  if (line.places === 0) return 'No worker is running. It is taken up as soon as one is.'
  if (job.state === 'retrying') return whyAgain(job, now)
  if (job.runAt !== null && job.runAt > now) return `It is not to begin before ${clock(job.runAt, now)}.`
  if (job.state === 'waiting' && job.ownBefore > 0)
    return `${counted(job.ownBefore)} of this workspace ${areOf(job.ownBefore)} before it.`
  if (job.before > 0) return `${counted(job.before)} ${areOf(job.before)} before it.`
  return line.running >= line.places
    ? `Its turn is next: ${line.places === 1 ? 'the only place is' : `all ${line.places} places are`} taken.`
    : 'It is about to be taken up.'
}

const whyAgain = ({ runAt, errorMessage, errorClass }: Waiting, now: Date): string => {
  const when = runAt !== null && runAt > now ? `at ${clock(runAt, now)}` : 'as soon as a place is free'
  const reason = errorMessage ?? errorClass
  return reason === null ? `It is tried again ${when}.` : `It is tried again ${when} after: ${reason}`
}

const counted = (files: number): string => (files === 1 ? '1 file' : `${files.toLocaleString('en-GB')} files`)
const areOf = (files: number): string => (files === 1 ? 'is' : 'are')

/** Whoever reads it may be anywhere: the time says of which zone it is, and the day where it is another one. */
const clock = (moment: Date, now: Date): string => {
  const [day, time] = moment.toISOString().split('T')
  const hourAndMinute = `${time?.slice(0, 5)} UTC`
  return day === now.toISOString().slice(0, 10) ? hourAndMinute : `${day} ${hourAndMinute}`
}

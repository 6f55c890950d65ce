import { type JobItem, UNFINISHED_JOB_STATES } from '@quarry/contracts'

const UNFINISHED: ReadonlySet<string> = new Set(UNFINISHED_JOB_STATES)

/** Whether it is still to be done, or being done. */
export const isUnfinished = ({ state }: Pick<JobItem, 'state'>): boolean => UNFINISHED.has(state)

type Standing = Pick<JobItem, 'state' | 'cancelRequested'>

/** What can be done with a job of a list. The API decides again. */
export const mayRetry = ({ state }: Standing): boolean => state === 'failed' || state === 'cancelled'
export const mayCancel = (job: Standing): boolean => isUnfinished(job) && !job.cancelRequested
export const mayPrioritise = (job: Standing): boolean => mayCancel(job) && job.state !== 'running'

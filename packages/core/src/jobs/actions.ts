import type { JobDetail, JobState, VersionState } from '@quarry/contracts'

/** What is known of a job and of the version that it is about; null where that is gone. */
export interface Actionable {
  readonly kind: string
  readonly state: JobState
  readonly cancelRequestedAt: Date | null
  readonly versionState: VersionState | null
}

/** What may be done with a job now. */
export const actionsOn = (job: Actionable): JobDetail['actions'] => [
  ...(isRetryable(job) ? (['retry'] as const) : []),
  ...(isUnfinished(job) && job.cancelRequestedAt === null ? (['cancel'] as const) : []),
  ...(isUnfinished(job) && job.state !== 'running' ? (['prioritise'] as const) : []),
]

const isUnfinished = ({ state }: Actionable): boolean => ['waiting', 'queued', 'running', 'retrying'].includes(state)

/**
 * A state of the version for each kind of job, in which there is something to do again: not for a file that was read
 * meanwhile, by another job, or that was deleted.
 */
export const RETRYABLE_VERSION: Readonly<Record<string, VersionState>> = {
  'document.process': 'failed',
  'document.embed': 'searchable',
}

export const isRetryable = ({ kind, state, versionState }: Actionable): boolean =>
  (state === 'failed' || state === 'cancelled') && versionState !== null && RETRYABLE_VERSION[kind] === versionState

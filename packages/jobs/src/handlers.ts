import type { Actor, JobRunId } from '@quarry/contracts'
import type { JobName, PayloadOf } from './jobs.ts'

/** What entitles a worker to work on a job: its row, at this attempt. Whoever takes it up next raises the number. */
export interface JobClaim {
  readonly id: JobRunId
  /** 1 for the first time; also counts workers that died. */
  readonly attempt: number
}

export interface JobContext {
  /** The system actor of the organisation that the job's row is of. */
  readonly actor: Extract<Actor, { kind: 'system' }>
  /** Aborts at shutdown, at the job's deadline and when it is cancelled; a handler stops soon, and leaves what a later run can take up. */
  readonly signal: AbortSignal
  /** Null where a job is ended that nobody runs. */
  readonly claim: JobClaim | null
  /** Large, or one of many: it lets those go first that somebody waits for. */
  readonly bulk: boolean
  /** Where it is, as people are told; `progress` 0–100. Costs nothing, and is written in bounded intervals. */
  readonly report: (stage: string, progress?: number) => void
}

/** Why there will be no other attempt. `lost`: its workers died in it, or it was taken up as often as it may be. */
export type JobEnd = 'failed' | 'cancelled' | 'lost'

export interface JobHandler<Payload> {
  /** Idempotent. A thrown error means “try again”, unless its code says that trying again cannot help (see isFinal). */
  run(payload: Payload, context: JobContext): Promise<void>
  /** When there will be no other attempt, whatever the reason: the row must not look unfinished for ever. Idempotent. */
  exhausted(payload: Payload, context: JobContext, end: JobEnd): Promise<void>
}

/** One handler for every job: a job that is declared and not handled does not compile. */
export type JobHandlers = { readonly [Name in JobName]: JobHandler<PayloadOf<Name>> }

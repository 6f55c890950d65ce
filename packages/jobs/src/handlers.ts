import type { Actor } from '@quarry/contracts'
import type { JobName, PayloadOf } from './jobs.ts'

export interface JobContext {
  /** The system actor of the organisation that the queue stamped on the job. */
  readonly actor: Extract<Actor, { kind: 'system' }>
  /** Aborts at shutdown and at the job's deadline; a handler stops soon, and leaves what a later run can take up. */
  readonly signal: AbortSignal
  /** 1 for the first time; also counts workers that died. */
  readonly attempt: number
}

export interface JobHandler<Payload> {
  /** Idempotent. A thrown error means “try again”, unless its code says that trying again cannot help (see isFinal). */
  run(payload: Payload, context: JobContext): Promise<void>
  /** When there will be no other attempt, whatever the reason: the row must not look unfinished for ever. Idempotent. */
  exhausted(payload: Payload, context: JobContext): Promise<void>
}

/** One handler for every job: a job that is declared and not handled does not compile. */
export type JobHandlers = { readonly [Name in JobName]: JobHandler<PayloadOf<Name>> }

import type { z } from 'zod'

/** What a job is, without what it does: the handlers live in the worker. */
export interface JobDefinition<Name extends string = string, Payload extends z.ZodType = z.ZodType> {
  /** `<subject>.<verb>`; stands in the queue, so a renamed job is a new job. */
  readonly name: Name
  /** Ids only: the row they name carries the truth. A field that is added later is optional, for the jobs on their way. */
  readonly payload: Payload
  /** The row that the job is about, for its history. */
  readonly subject: (payload: z.output<Payload>) => string
  /** How often the job is taken up before it counts as failed; a worker that dies in it has taken it up. */
  readonly maxAttempts: number
  /** Lower runs first; null is the queue's own default, 0. */
  readonly priority: number | null
  /** A run that takes longer is aborted, and tried again. */
  readonly deadlineMs: number
}

export const defineJob = <const Name extends string, Payload extends z.ZodType>(job: JobDefinition<Name, Payload>) =>
  job

import type { z } from 'zod'

/** What a job is, without what it does: the handlers live in the worker. */
export interface JobDefinition<Name extends string = string, Payload extends z.ZodType = z.ZodType> {
  /** `<subject>.<verb>`; stands in the queue, so a renamed job is a new job. */
  readonly name: Name
  /** Ids only: the row they name carries the truth. A field that is added later is optional, for the jobs on their way. */
  readonly payload: Payload
  /** The row that the job is about, for its history. */
  readonly subject: (payload: z.output<Payload>) => string
  /** How often the job is taken up before it counts as failed. */
  readonly maxAttempts: number
  /**
   * How often in a row a worker may die in it, without the job getting ahead in between, before it counts as failed: what
   * kills every worker that takes it up.
   */
  readonly maxCrashes: number
  /** Lower runs first. */
  readonly priority: number
  /** A run that takes longer is aborted, and tried again. */
  readonly deadlineMs: number
}

export const defineJob = <const Name extends string, Payload extends z.ZodType>(job: JobDefinition<Name, Payload>) =>
  job

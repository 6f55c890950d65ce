import { AppError, type ErrorCode } from '@quarry/contracts'

/**
 * The row is gone, or the payload is wrong: the next attempt would end the same way. A `conflict` is none of them: when
 * another worker has taken the job over, ending it here would delete it from the queue under that worker's hands
 * (graphile-worker checks who holds a job when it fails, not when it is done).
 */
const FINAL: ReadonlySet<ErrorCode> = new Set(['not_found', 'forbidden', 'invalid_input'])

/** What a job was about has failed for a known reason, which is written already: another attempt would end the same way. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure'
  /** The reason by its name; `message` has it in words for people. */
  readonly errorClass: string
  constructor(errorClass: string, message: string) {
    super(message)
    this.errorClass = errorClass
  }
}

/** Whether a job's error makes another attempt pointless. Anything unknown is worth another try. */
export const isFinal = (error: unknown) =>
  error instanceof JobFailure || (error instanceof AppError && FINAL.has(error.code))

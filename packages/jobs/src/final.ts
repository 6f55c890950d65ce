import { AppError, type ErrorCode } from '@quarry/contracts'

/** The row is gone, or another worker has it, or the payload is wrong: the next attempt would end the same way. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['not_found', 'conflict', 'forbidden', 'invalid_input'])

/** Whether a job's error makes another attempt pointless. Anything unknown is worth another try. */
export const isFinal = (error: unknown) => error instanceof AppError && FINAL.has(error.code)

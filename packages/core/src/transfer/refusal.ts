import { AppError } from '@quarry/contracts'

/** An expected end: one line for the person who gave the command, which says what to do. */
export class TransferRefusal extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'TransferRefusal'
  }
}

/** PostgreSQL's and the system's words for what an operator can put right, with what to do about it. */
const ADVICE: readonly [RegExp, string][] = [
  [/ENOSPC|53100/, 'the disk is full; make room, then start again'],
  [/EACCES|EPERM|EROFS/, 'this user may not write there; choose another folder, or change its rights'],
  [/EDQUOT/, 'the quota of this user is used up; make room, then start again'],
]

/** The innermost reason of an error, in one line. */
export const reasonOf = (error: unknown): string => {
  const text = innermost(error)
    .replaceAll(/\s*[\r\n]+\s*/g, ' ')
    .trim()
  const advice = ADVICE.find(([pattern]) => pattern.test(text))?.[1]
  return advice === undefined ? text : `${text}: ${advice}`
}

const innermost = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  // Ours says only that a part is unavailable; what it came from says why.
  if (error instanceof AppError && error.cause !== undefined) return innermost(error.cause)
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0])
  return error.message === '' ? error.name : error.message
}

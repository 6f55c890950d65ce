import { AppError } from '@quarry/contracts'
import { JobFailure } from '@quarry/jobs'

export interface JobError {
  /** Name or code of what went wrong. */
  readonly errorClass: string
  /** For people who may see the job; never the text of an error that we did not word: it may hold a document's. */
  readonly errorMessage: string
  /** Where in the code, without the error's text; for operators. */
  readonly errorStack: string | null
}

/** Enough to see where; the rest is the queue's own code. */
const MOST_FRAMES = 20

/** What is kept of an error in a job's history. */
export const describeJobError = (error: unknown): JobError => {
  if (error instanceof JobFailure)
    return { errorClass: error.errorClass, errorMessage: error.message, errorStack: null }
  if (error instanceof Error && error.name === 'TimeoutError')
    return { errorClass: 'deadline', errorMessage: 'It took longer than such a job may take.', errorStack: null }
  const errorClass =
    error instanceof AppError ? error.code : error instanceof Error && error.name !== '' ? error.name : 'unknown'
  return {
    errorClass,
    errorMessage: error instanceof AppError ? error.message : `An unexpected error (${errorClass}).`,
    errorStack: error instanceof Error ? framesOf(error) : null,
  }
}

const framesOf = (error: Error): string | null => {
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /u.test(line))
    .slice(0, MOST_FRAMES)
    // Names of files as they are in the project, wherever it is installed.
    .map((line) => line.replace(/(?:file:\/\/)?\/\S*?\/((?:packages|apps|node_modules)\/)/u, '$1'))
  return frames.length === 0 ? null : frames.join('\n')
}

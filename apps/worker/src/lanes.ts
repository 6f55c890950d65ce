import type { JobName } from '@quarry/jobs'

/**
 * Jobs that share their places: a lane takes from the queue only what is its own, so that a long line of one kind never
 * holds up another. A file that somebody waits for is read while a book of yesterday is being embedded.
 */
export interface Lane {
  readonly name: string
  readonly jobs: readonly JobName[]
  /** Jobs at the same time. */
  readonly concurrency: number
}

/** The model's thread does one thing at a time, and an endpoint is asked by one job at a time and worker. */
const EMBEDDINGS_AT_ONCE = 1

/** Every job is in one lane; a job that is in none would wait for ever, which a test forbids. */
export const lanesOf = (files: number): readonly Lane[] => [
  { name: 'files', jobs: ['document.process'], concurrency: files },
  { name: 'embeddings', jobs: ['document.embed'], concurrency: EMBEDDINGS_AT_ONCE },
]

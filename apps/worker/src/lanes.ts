import { QUICK_PLACES } from '@quarry/core/worker'
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
  /** Of these, bulk at most: the other places wait for what somebody waits for. */
  readonly bulk: number
}

/** The model's thread does one thing at a time, and an endpoint is asked by one job at a time and worker. */
const EMBEDDINGS_AT_ONCE = 1

/** Every job is in one lane; a job that is in none would wait for ever, which a test forbids. */
export const lanesOf = (files: number): readonly Lane[] => [
  { name: 'files', jobs: ['document.process'], concurrency: files + QUICK_PLACES, bulk: files },
  // Nobody sits and waits for these.
  { name: 'embeddings', jobs: ['document.embed'], concurrency: EMBEDDINGS_AT_ONCE, bulk: EMBEDDINGS_AT_ONCE },
]

import type { BlobStore } from '@quarry/blobs'
import type { Adapters } from '@quarry/config'
import type { RedisLink } from '@quarry/cache'
import type { Database } from '@quarry/db'
import type { Logger } from '@quarry/observability'
import type { Counts } from './runs.ts'

/** What the clock's tasks may use. */
export interface CronDeps {
  readonly database: Database
  readonly blobs: BlobStore
  /** Null where nothing is shared. */
  readonly redis: RedisLink | null
  readonly adapters: Adapters
  readonly logger: Logger
  /** Of answers: what the usage of one that is ended here counts for. */
  readonly model: string
  /** Puts documents without a semantic index into the queue; says how many. */
  readonly backfill: () => Promise<number>
}

/**
 * One thing that the clock does: all that there is to do by now, in short transactions. Doing it again, or twice at the
 * same time, does no harm: a worker that was frozen may wake up in the middle of it.
 */
export type CronTask = (deps: CronDeps, signal: AbortSignal) => Promise<Counts>

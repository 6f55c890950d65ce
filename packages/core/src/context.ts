import type { Adapters, Limits, Observability } from '@quarry/config'
import type { Actor, UserId } from '@quarry/contracts'
import type { BlobStore } from '@quarry/blobs'
import type { Flags, RateLimiter, RedisLink, RunLog, Signals } from '@quarry/cache'
import type { Database } from '@quarry/db'
import type { Logger, Metrics } from '@quarry/observability'
import type { ChatModel, QueryEmbedder } from '@quarry/rag/answering'
import type { KeptAnswers } from './cache/kept-answers.ts'
import type { ReportingProcess } from './processes/report.ts'

/** Everything that a verb may use, made once per process by the composition root (web.ts, worker.ts). */
export interface CoreDeps {
  readonly database: Database
  /** The way to what replicas share; null where there is one web process, which has it in memory. */
  readonly redis: RedisLink | null
  readonly blobs: BlobStore
  readonly runLog: RunLog
  readonly signals: Signals
  /** What the operator has switched, and limits of single organisations. */
  readonly flags: Flags
  /** Counts calls, over all replicas where they share a Redis. */
  readonly rateLimiter: RateLimiter
  /** Answers that are kept, and what keeps them true. */
  readonly kept: KeptAnswers
  /**
   * To be called after what was not a read, failed or not, with who may be concerned: from then on nobody reads what was
   * there before. Never throws.
   */
  readonly wrote: (subjectIds: readonly string[]) => Promise<void>
  /** Whether somebody sees to the whole installation; a change counts within a second. */
  readonly isOperator: (userId: UserId) => Promise<boolean>
  readonly chatModel: ChatModel
  /** null where search is by words alone. */
  readonly embedder: QueryEmbedder | null
  readonly adapters: Adapters
  readonly limits: Limits
  readonly logger: Logger
  readonly metrics: Metrics
  /** What a million tokens of the model cost; null where nobody has said. */
  readonly tokenPrices: Observability['tokenPrices']
  /** Names this process in leases and heartbeats. */
  readonly processId: string
  /** As whom this process reports what it does, for the page Operations; null where ENABLE_METRICS is off. */
  readonly reportsAs: ReportingProcess | null
  /** Aborted when this process is about to end: open streams then tell their readers to come back. */
  readonly shutdown: AbortSignal
}

/** One call of a verb. Verbs are functions `(ctx, input) => Promise<output>`: authorise, transact, audit, enqueue. */
export interface VerbContext {
  readonly deps: CoreDeps
  readonly actor: Actor
  readonly requestId: string
  /** Where the answer may be kept: says that this one is good enough for now only. */
  readonly doNotKeep?: () => void
}

/** A call of a verb that anybody may make, signed in or not. */
export type OpenContext = Omit<VerbContext, 'actor' | 'doNotKeep'>

/** Somebody who is signed in, whatever organisation they are in, and when they are in none. */
export interface Person {
  readonly userId: UserId
  readonly sessionId: string
}

/** A call of a verb for a person rather than for a member. */
export interface PersonContext extends OpenContext {
  readonly person: Person
}

/** A call of a verb for somebody who sees to the whole installation; the API has made sure of it. */
export interface OperatorContext extends OpenContext {
  readonly operator: Person
}

import type { Actor } from '@quarry/contracts'
import type { CoreDeps, Person } from '@quarry/core'
import type { CallLimits } from './limits/call-limits.ts'

/** The events of a subscription that was let in. Opened once, by whoever carries them; throws what tRPC would be told. */
export interface CarriedEvents {
  readonly path: string
  open(gone: AbortSignal): AsyncIterable<{ readonly id: string | number }>
}

/** What a call of the API starts from; made per request by whoever mounts the router. */
export interface ApiContext {
  readonly deps: CoreDeps
  /** Looks up who is calling; null: nobody is signed in. Asked by the procedures, so that what it throws is mapped too. */
  readonly resolveActor: () => Promise<Actor | null>
  /** Whose session it is, a member of anything or not; null for a key and for nobody. */
  readonly resolvePerson: () => Promise<Person | null>
  /** To be told when the caller works in another organisation from now on, or in none. */
  readonly actorChanged: () => void
  /** Runs what a caller could try with guessed secrets. Throws AppError('rate_limited') after too many that failed. */
  readonly limitGuesses: <T>(attempt: () => Promise<T>) => Promise<T>
  /**
   * Takes a place for the stream that is about to be opened; whoever mounts the router frees it. Throws
   * AppError('rate_limited') where there is none.
   */
  readonly admitStream: (actor: Actor) => void
  /** Given the events of a subscription by a mount that writes them out itself; left out: tRPC does. */
  readonly carryEvents?: ((events: CarriedEvents) => void) | undefined
  /** What the calls of this request are charged to. */
  readonly limits: CallLimits
  readonly requestId: string
}

import type { Actor } from '@quarry/contracts'
import type { CoreDeps } from '@quarry/core'

/** What a call of the API starts from; made per request by whoever mounts the router. */
export interface ApiContext {
  readonly deps: CoreDeps
  /** Null: nobody is signed in. */
  readonly actor: Actor | null
  readonly requestId: string
}

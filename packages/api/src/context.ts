import type { Actor } from '@quarry/contracts'
import type { CoreDeps } from '@quarry/core'

/** What a call of the API starts from; made per request by whoever mounts the router. */
export interface ApiContext {
  readonly deps: CoreDeps
  /** Looks up who is calling; null: nobody is signed in. Asked by the procedures, so that what it throws is mapped too. */
  readonly resolveActor: () => Promise<Actor | null>
  readonly requestId: string
}

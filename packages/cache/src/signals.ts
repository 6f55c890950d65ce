import type { OrgId } from '@quarry/contracts'

export interface Signal {
  /** Increasing per process; opaque to readers. */
  readonly id: string
  readonly orgId: OrgId
  readonly topic:
    | 'document'
    | 'collection'
    | 'conversation'
    | 'member'
    | 'access'
    | 'job'
    | 'job.cancel'
    | 'run.stop'
    | 'run.free'
  readonly subjectId: string
}

/**
 * "This changed, read it again." Sending is a row in `signal`, written in the transaction that changed the row
 * (`emitSignal(tx, …)` in @quarry/db); this is the receiving side. Delivery is at least once and may be late by 250 ms.
 */
export interface Signals {
  /** Calls `listener` for every signal of `orgId` from now on. Returns the function that ends it. */
  subscribe(orgId: OrgId, listener: (signal: Signal) => void): () => void
  close(): Promise<void>
}

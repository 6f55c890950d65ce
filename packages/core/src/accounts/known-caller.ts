import type { Actor } from '@quarry/contracts'

/** Somebody who asks from outside: no job. */
export type Asker = Exclude<Actor, { readonly kind: 'system' }>

/** Whom a credential stands for: ids, and no secret. */
export interface KnownCaller {
  /** Null for a person who is a member of no organisation (any more). */
  readonly actor: Asker | null
  /** There would be one, but that the organisation is closed. */
  readonly isClosedOut?: boolean
  /** Null for a key. */
  readonly person: { readonly userId: string; readonly sessionId: string } | null
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null
}

import type { CacheScope, FlagName, VersionTag } from '@quarry/cache'

/** How the answers of a query are kept. */
export interface CachePolicy {
  /** How long at most; a key of `limits.cache`. */
  readonly ttl: 'lists' | 'profile' | 'permissions' | 'search'
  /** Who shares an answer. */
  readonly scope: CacheScope
  /** What it depends on: `access` is that of the caller, the rest are of the organisation. */
  readonly tags: readonly VersionTag[]
  /** How much longer an expired answer may be given while a new one is computed; left out: not at all. */
  readonly staleSeconds?: number
  /** Switches that change what is answered; left out: none. */
  readonly flags?: readonly FlagName[]
}

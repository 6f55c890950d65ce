import type { OrgId } from '@quarry/contracts'

/** What a cached read depends on; a column `tag` of the table `cache_version`. `access` is of a person or key, the rest of an organisation. */
export type VersionTag = 'permission' | 'documents' | 'index' | 'access'

/**
 * Whose answer it is: everybody's in the organisation, of all who see the same collections, or one caller's alone. The
 * wider it is the more often it is found, and the more there is to lose by choosing it wrongly.
 */
export type CacheScope = 'organisation' | 'visibility' | 'actor'

/** One question whose answer may be kept. Equal questions have equal keys, and no two organisations ever have. */
export interface CachedRead {
  readonly orgId: OrgId
  /** What is asked, e.g. `documents.list`. In the key, and the label of its counts. */
  readonly name: string
  /** Who shares the answer: `*` for the organisation, a digest of the visible collections, or the caller's id. */
  readonly sharedBy: string
  /** JSON; what is equal after sorting its keys is the same question. */
  readonly input: unknown
  /** Versions that the answer depends on; read before it is computed. */
  readonly versions: readonly { readonly subjectId: string; readonly tag: VersionTag }[]
  readonly ttlSeconds: number
  /** How much longer an expired answer may be given while a new one is computed; 0: never. Versions are never bent. */
  readonly staleSeconds: number
}

export type CacheOutcome = 'hit' | 'miss' | 'stale' | 'dedup' | 'error' | 'off'

/** Reads through a cache. Never throws for its own reasons: without the cache it computes. */
export interface CachedReads {
  /** The kept answer, or that of `load`, whose errors pass through and are not kept. The answer must survive JSON. */
  read<T>(question: CachedRead, load: () => Promise<T>): Promise<T>
  /** These have changed, or may have: their versions are read from the database again before the next answer. */
  touched(subjectIds: readonly string[]): void
  close(): Promise<void>
}

/** Where versions come from: Postgres, in one statement. A subject that never changed has none, which counts as 0. */
export type ReadVersions = (
  subjectIds: readonly string[],
) => Promise<readonly { readonly subjectId: string; readonly tag: VersionTag; readonly version: number }[]>

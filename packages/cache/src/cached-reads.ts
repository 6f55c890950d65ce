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
  readonly versions: readonly VersionRef[]
  readonly ttlSeconds: number
  /** How much longer an expired answer may be given while a new one is computed; 0: never. Versions are never bent. */
  readonly staleSeconds: number
}

/**
 * What is found by a secret (a session, an API key): in whose organisation and under which versions is known only
 * afterwards, so that the versions are kept beside the answer and compared.
 */
export interface CredentialQuestion {
  /** What is asked, e.g. `caller.key`: in the key, and the label of its counts. */
  readonly name: string
  /** SHA-256 of the secret, hexadecimal; the secret itself never leaves the process. */
  readonly secretHash: string
  readonly ttlSeconds: number
}

export interface VersionRef {
  readonly subjectId: string
  readonly tag: VersionTag
}

/** A row of `cache_outbox` whose transaction has been committed. */
export interface VersionRow extends VersionRef {
  readonly version: number
}

/** How a read went. `dedup`: somebody else computed it at that moment. `error`: computed, for Redis did not serve. */
export type CacheOutcome = 'hit' | 'miss' | 'stale' | 'dedup' | 'error' | 'off'

/** Counts outcomes by the name of the question. */
export type CountRead = (name: string, outcome: CacheOutcome) => void

/**
 * Reads through a cache. Never throws for its own reasons: without the cache it computes. What a read returns reflects
 * everything that was committed more than `VERSION_AGE_MS` before it was asked.
 */
export interface CachedReads {
  /**
   * The kept answer, or that of `load`, whose errors pass through and are not kept. Every answer is a copy of its own
   * that went through JSON, so that a hit and a miss look alike. Several callers may share one `load`: it must not
   * depend on the caller's abort signal, nor on anything else that is not in the question.
   */
  read<T>(question: CachedRead, load: () => Promise<T>): Promise<T>
  /**
   * The same for a credential. `dependsOn` says by which versions an answer is to be guarded; null: not to be kept,
   * as that of a secret that nobody knows. It is asked of what went through JSON.
   */
  lookUp<T>(
    question: CredentialQuestion,
    load: () => Promise<T>,
    dependsOn: (answer: T) => readonly VersionRef[] | null,
  ): Promise<T>
  /**
   * The kept answer as `JSON.stringify` writes it, where there is one that `read` would give now as a hit; else null.
   * Nothing is computed, renewed or counted: who has used it says so with `served`, who has not asks `read`.
   */
  peek(question: CachedRead): Promise<string | null>
  /** The same for a credential: what `lookUp` would give without looking it up, a copy of its own; else null. */
  peekLookUp<T>(question: CredentialQuestion): Promise<T | null>
  /** Counts a hit for each of these names, of what was peeked at and used. */
  served(names: readonly string[]): void
  /** These have changed, or may have: their versions are read from the database again before the next answer. */
  touched(subjectIds: readonly string[]): void
  /**
   * Tells Redis and the other processes of versions that have grown: `readRows` reads ALL committed rows of the outbox,
   * and what is returned may be deleted from there. To be called each DRAIN_EVERY_MS at least: versions in Redis are
   * believed only where this process itself has drained a moment ago, else they are read from the database. Throws
   * RedisUnavailable, and whatever `readRows` throws: the rows stay then. Without Redis it reads nothing.
   */
  drain<Row extends VersionRow>(readRows: () => Promise<readonly Row[]>): Promise<readonly Row[]>
  close(): Promise<void>
}

/** Where versions come from: Postgres, in one statement. A subject that never changed has none, which counts as 0. */
export type ReadVersions = (subjectIds: readonly string[]) => Promise<readonly VersionRow[]>

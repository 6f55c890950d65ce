import { createHash } from 'node:crypto'
import type { CachedReads, CredentialQuestion, Flags, VersionRef } from '@quarry/cache'
import type { Limits } from '@quarry/config'
import type { OrgId, UserId } from '@quarry/contracts'
import type { Database } from '@quarry/db'
import type { Logger } from '@quarry/observability'
import { findKey, noteKeyUse } from '../accounts/find-actor.ts'
import type { Asker, KnownCaller } from '../accounts/known-caller.ts'
import { isOwner } from '../operators/is-owner.ts'

export type CredentialKind = 'session' | 'key'

/** The name of the read that looks one up. */
export const credentialRead = (kind: CredentialKind): `caller.${CredentialKind}` => `caller.${kind}`

export interface Credentials {
  /**
   * Whose session this is. `find` looks it up without prolonging it; what it finds is kept until anything of it may
   * have changed. Null, which is not kept, for nobody.
   */
  session(token: string, find: () => Promise<KnownCaller | null>): Promise<KnownCaller | null>
  /** Which key this is; null when it is unknown, switched off or expired. */
  key(secret: string): Promise<KnownCaller | null>
  /**
   * Whom a session or key is known to stand for, as `session` and `key` would say without looking anything up; null
   * wherever they would look. Counts nothing but the use of a key: who goes by it says so with `KeptAnswers.served`.
   */
  peek(kind: CredentialKind, secret: string): Promise<KnownCaller | null>
  /** Whether somebody is an owner of the installation. */
  operator(userId: UserId): Promise<boolean>
}

export interface CredentialsEnv {
  readonly cache: Pick<CachedReads, 'lookUp' | 'peekLookUp'>
  readonly database: Database
  readonly flags: Flags
  readonly limits: Limits
  readonly logger: Logger
  readonly heed: (orgId: OrgId) => void
}

/** Keys whose last use is remembered here: above that a use is noted once too often. */
const MOST_KEYS = 10_000
/** As exact as `noteKeyUse` is. */
const NOTED_EVERY_MS = 60_000

export const createCredentials = ({ cache, database, flags, limits, logger, heed }: CredentialsEnv): Credentials => {
  const noted = new Map<string, number>()

  const questionOf = (kind: CredentialKind, secret: string): CredentialQuestion => ({
    name: credentialRead(kind),
    secretHash: sha256(secret),
    ttlSeconds: limits.cache.permissions,
  })

  /** Whether what is kept is to be gone by. */
  const counts = async ({ expiresAt }: KnownCaller, { orgId }: Asker): Promise<boolean> => {
    heed(orgId)
    // The database is asked as soon as it could say something else: it ends what is over.
    const isOver = expiresAt !== null && expiresAt <= Date.now()
    return !isOver && flags.isOn('cache.reads', orgId)
  }

  const recognise = async (
    kind: CredentialKind,
    secret: string,
    find: () => Promise<KnownCaller | null>,
  ): Promise<KnownCaller | null> => {
    const known = await cache.lookUp(questionOf(kind, secret), find, dependsOn)
    if (!known?.actor) return known
    return (await counts(known, known.actor)) ? known : find()
  }

  const noteUse = (id: string): void => {
    const now = performance.now()
    if (now - (noted.get(id) ?? Number.NEGATIVE_INFINITY) < NOTED_EVERY_MS) return
    if (noted.size >= MOST_KEYS) noted.clear()
    noted.set(id, now)
    void noteKeyUse({ database, logger }, id)
  }

  return {
    session: (token, find) => recognise('session', token, find),
    key: async (secret) => {
      const known = await recognise('key', secret, () => findKey({ database }, secret))
      if (known?.actor) noteUse(known.actor.id)
      return known
    },
    peek: async (kind, secret) => {
      const known = await cache.peekLookUp<KnownCaller>(questionOf(kind, secret))
      if (!known?.actor || !(await counts(known, known.actor))) return null
      if (kind === 'key') noteUse(known.actor.id)
      return known
    },
    operator: (userId) => {
      // No secret, and of nobody's organisation: kept as what a session stands for is.
      const secretHash = sha256(userId)
      const question = { name: 'caller.operator', secretHash, ttlSeconds: limits.cache.permissions }
      return cache.lookUp(
        question,
        () => isOwner(database, userId),
        () => [{ subjectId: userId, tag: 'access' }],
      )
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Null: who is unknown, or belongs nowhere, is looked up each time. */
const dependsOn = (known: KnownCaller | null): readonly VersionRef[] | null =>
  known?.actor
    ? [
        { subjectId: known.actor.id, tag: 'access' },
        { subjectId: known.actor.orgId, tag: 'permission' },
      ]
    : null

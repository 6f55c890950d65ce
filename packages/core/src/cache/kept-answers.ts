import { createHash } from 'node:crypto'
import type { CachedRead, CachedReads, CacheScope, FlagName, Flags, VersionTag } from '@quarry/cache'
import type { Limits } from '@quarry/config'
import type { OrgId } from '@quarry/contracts'
import type { Database } from '@quarry/db'
import type { Asker } from '../accounts/known-caller.ts'
import { readVisible, Superseded, versionOf, type Visible } from './visible.ts'

/** A read whose answer may be kept, and what has to be the same for two of them to have one answer. */
export interface KeptQuestion {
  readonly name: string
  readonly input: unknown
  readonly scope: CacheScope
  /** What the answer depends on: `access` is that of who asks, the rest are of the organisation. */
  readonly tags: readonly VersionTag[]
  /** How long it is kept; a key of `limits.cache`. */
  readonly ttl: keyof Limits['cache']
  readonly staleSeconds: number
  /** Switches that change the answer. */
  readonly flags: readonly FlagName[]
}

/** Kept answers of this process. Without a cache, or with it switched off, every answer is computed. */
export interface KeptAnswers {
  /**
   * The kept answer or that of `load`, as JSON has it. An answer that turned out not to be for everybody whom the key
   * stands for, or that is not to be kept at all (`NotKept`), is given to who asked and to nobody else. Without a question nothing is kept.
   */
  readonly answer: <T>(asker: Asker, question: KeptQuestion | null, load: () => Promise<T>) => Promise<T>
  /**
   * What `answer` would find for the same asker and question, where it would find it and compute nothing; null wherever
   * it would do anything else. Changes and counts nothing: who gives it to somebody says so with `served`.
   */
  readonly peek: (asker: Asker, question: KeptQuestion) => Promise<PeekedAnswer | null>
  /** Counts what was peeked at and given to somebody. */
  readonly served: (reads: readonly string[]) => void
}

export interface PeekedAnswer {
  /** The answer as `JSON.stringify` writes it. */
  readonly json: string
  /** Names of the reads that it took. */
  readonly reads: readonly string[]
}

export interface KeptAnswersEnv {
  readonly cache: CachedReads
  readonly database: Pick<Database, 'versions' | 'tenant'>
  readonly flags: Flags
  readonly limits: Limits
  /** What answers depend on besides rows: the release and its configuration. */
  readonly edition: string
  readonly heed: (orgId: OrgId) => void
}

const isNotKept = Symbol.for('quarry.NotKept')

/** Thrown by `load` with an answer that is good enough for now and for who asks. */
export class NotKept extends Error {
  /** A bundler may load this module twice in one process: what either copy threw is meant. */
  static override [Symbol.hasInstance](value: unknown): value is NotKept {
    return typeof value === 'object' && value !== null && isNotKept in value
  }
  readonly [isNotKept] = true
  readonly answer: unknown
  constructor(answer: unknown) {
    super('this answer is not kept')
    this.answer = answer
  }
}

export const createKeptAnswers = (env: KeptAnswersEnv): KeptAnswers => {
  const { cache, database, flags, limits, edition, heed } = env

  /**
   * Passes only what was computed while nothing changed in who may see what. What is not to be kept, too: it still goes
   * to all who ask the same at this moment.
   */
  const confirmed = async <T>(visible: Visible, orgId: OrgId, load: () => Promise<T>): Promise<T> => {
    const computed = await load().catch((error: unknown) => {
      if (error instanceof NotKept) return error
      throw error
    })
    if ((await versionOf(database, orgId)) !== visible.version) throw new Superseded()
    if (computed instanceof NotKept) throw computed
    return computed
  }

  /** Of the switches that change the answer. */
  const positionsFor = ({ orgId }: Asker, question: KeptQuestion): Promise<readonly boolean[]> =>
    Promise.all(question.flags.map((flag) => flags.isOn(flag, orgId)))

  const isKeptFor = ({ orgId }: Asker): Promise<boolean> => {
    // Who belongs nowhere shares nothing with anybody, and is a mistake of ours.
    if (!orgId) throw new TypeError('A kept answer needs an organisation')
    return flags.isOn('cache.reads', orgId)
  }

  /** What the asker is known to see. */
  const peekVisible = async (asker: Asker): Promise<Visible | null> => {
    const json = await cache.peek(visibleRead(asker, limits))
    return json === null ? null : (JSON.parse(json) as Visible)
  }

  return {
    answer: async (asker, question, load) => {
      const { orgId } = asker
      if (!(await isKeptFor(asker)) || question === null) return computed(load)
      heed(orgId)
      const positions = () => positionsFor(asker, question)
      const switched = await positions()
      // What was computed while a switch was turned may be of either position: its key says the first.
      const steady = async () => {
        const answer = await load()
        const now = await positions()
        if (now.some((isOn, i) => isOn !== switched[i])) throw new NotKept(answer)
        return answer
      }
      try {
        const visible = needsVisible(asker, question)
          ? await cache.read(visibleRead(asker, limits), () => readVisible(database, asker))
          : null
        const read = toCachedRead(asker, question, { visible, switched, edition, limits })
        return await cache.read(read, visible ? () => confirmed(visible, orgId, steady) : steady)
      } catch (error) {
        if (error instanceof NotKept) return copyOf(error.answer as Awaited<ReturnType<typeof load>>)
        if (error instanceof Superseded) return computed(load)
        throw error
      }
    },
    peek: async (asker, question) => {
      if (!(await isKeptFor(asker))) return null
      heed(asker.orgId)
      const switched = await positionsFor(asker, question)
      const isForSome = needsVisible(asker, question)
      const visible = isForSome ? await peekVisible(asker) : null
      if (isForSome && visible === null) return null
      const json = await cache.peek(toCachedRead(asker, question, { visible, switched, edition, limits }))
      return json === null ? null : { json, reads: isForSome ? [VISIBLE, question.name] : [question.name] }
    },
    served: (reads) => cache.served(reads),
  }
}

/** The read of which collections somebody sees. */
const VISIBLE = 'access.visible'

/** What is not in the question and is still part of it. */
export interface Circumstances {
  readonly visible: Visible | null
  readonly switched: readonly boolean[]
  readonly edition: string
  readonly limits: Limits
}

/** The key of a question, and nothing else: whoever makes it, in whatever process, makes the same. */
export const toCachedRead = (asker: Asker, question: KeptQuestion, circumstances: Circumstances): CachedRead => {
  const { visible, switched, edition, limits } = circumstances
  const { name, input, scope, tags, ttl, staleSeconds } = question
  return {
    orgId: asker.orgId,
    name,
    sharedBy: sharedBy(asker, scope, visible),
    input: { input: input ?? null, switched, edition },
    versions: tags.map((tag) => ({ subjectId: tag === 'access' ? asker.id : asker.orgId, tag })),
    ttlSeconds: limits.cache[ttl],
    staleSeconds,
  }
}

/** Who manages the organisation sees every collection. */
const seesAll = ({ role }: Asker): boolean => role === 'owner' || role === 'admin'
export const needsVisible = (asker: Asker, { scope }: KeptQuestion): boolean =>
  scope === 'visibility' && !seesAll(asker)

/** The role, too: who was asked about with the one of a second ago is not answered with that of now. */
const sharedBy = (asker: Asker, scope: CacheScope, visible: Visible | null): string => {
  if (scope === 'organisation') return '*'
  if (scope === 'actor') return `${asker.id}-${asker.role}`
  return visible ? `${visible.version}-${visible.digest}` : 'all'
}

/** Which collections somebody sees: granted to them, or everybody's. */
export const visibleRead = ({ orgId, kind, id }: Asker, limits: Limits): CachedRead => ({
  orgId,
  name: VISIBLE,
  sharedBy: id,
  input: kind,
  versions: [{ subjectId: orgId, tag: 'permission' }],
  ttlSeconds: limits.cache.permissions,
  staleSeconds: 0,
})

const computed = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    return copyOf(await load())
  } catch (error) {
    if (error instanceof NotKept) return copyOf(error.answer as T)
    throw error
  }
}

/** As it would come from the cache. */
const copyOf = <T>(answer: T): T => JSON.parse(JSON.stringify(answer)) as T

/** Of all that changes answers without a row being written. */
export const editionOf = (parts: unknown): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16)

import type { CachedRead, CachedReads, CacheOutcome, CountRead, ReadVersions } from '../cached-reads.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { openAnswer, openJson, sealAnswer, type Envelope } from './envelope.ts'
import { createLookUps } from './look-ups.ts'
import { createMemoryAnswers } from './memory-answers.ts'
import { readKeys, type ReadKeys } from './read-key.ts'
import { createSharedAnswers, LOCK_MS, newToken, type Token } from './shared-answers.ts'
import type { VersionScripts } from './version-scripts.ts'
import { createVersions } from './versions.ts'

/** About a thousand pages of a list. */
const MEMORY_BYTES = 32 * 1024 * 1024
/** With Redis behind it: what is asked again so soon saves the way there; the rest is Redis's to hold. */
const MEMORY_MS = 10_000
/** Between two looks whether somebody else has finished; doubles up to the longest. */
const LOOK_MS = { first: 4, longest: 50 }

export interface CachedReadsOptions {
  /** Null: in the memory of this process alone. */
  readonly link: RedisLink | null
  readonly readVersions: ReadVersions
  readonly count?: CountRead
  /** Whether answers are kept now. */
  readonly isOn?: (question: CachedRead) => boolean | Promise<boolean>
  /** Milliseconds of a steady clock: how old a version is. */
  readonly now?: () => number
  /** Milliseconds since 1970: how long an answer is kept. */
  readonly wallClock?: () => number
  readonly random?: () => number
  /** For tests, which decide what happens when: how to wait, and other scripts than the real ones. */
  readonly pause?: (ms: number) => Promise<void>
  readonly versionScripts?: VersionScripts
}

/** How an answer came about. The text is its envelope. */
interface Found {
  readonly text: string
  readonly outcome: CacheOutcome
}

/** One per process. See docs/adr/0009-versions-instead-of-deletes.md. */
export const createCachedReads = (options: CachedReadsOptions): CachedReads => {
  const { link, readVersions, count = () => {}, isOn = () => true } = options
  const { now = () => performance.now(), wallClock = Date.now, random = Math.random, pause = sleep } = options
  const versions = createVersions({ link, readVersions, now, scripts: options.versionScripts })
  const memory = createMemoryAnswers({ mostBytes: MEMORY_BYTES, now: wallClock })
  const shared = link && createSharedAnswers(link)
  const flights = new Map<string, Promise<Found>>()
  const background = new Set<Promise<unknown>>()

  /** Nobody waits for it, and whether it works changes nothing but what the next one finds. */
  const inBackground = (work: Promise<unknown>): void => {
    const settled = work.catch(() => undefined).finally(() => background.delete(settled))
    background.add(settled)
  }

  const remember = (question: CachedRead, keys: ReadKeys, text: string, freshUntil: number): void => {
    const until = freshUntil + question.staleSeconds * 1000
    memory.put(keys.value, text, link === null ? until : Math.min(until, wallClock() + MEMORY_MS))
  }

  /** Computes it here and now, and lets everybody have it. */
  const compute = async (
    question: CachedRead,
    keys: ReadKeys,
    load: () => Promise<unknown>,
    how: { readonly outcome: CacheOutcome; readonly token: Token | null },
  ): Promise<Found> => {
    try {
      const value = await load()
      // ±10 %, so that what was asked together is not computed again together.
      const keepMs = question.ttlSeconds * 1000 * (0.9 + 0.2 * random())
      const freshUntil = wallClock() + keepMs
      const text = sealAnswer(question.orgId, freshUntil, value)
      remember(question, keys, text, freshUntil)
      if (shared) inBackground(shared.fill(keys, text, keepMs + question.staleSeconds * 1000, how.token))
      return { text, outcome: how.outcome }
    } catch (error) {
      if (shared && how.token !== null) inBackground(shared.release(keys, how.token))
      throw error
    }
  }

  /** Finds it in Redis, waits for who computes it, or computes it. */
  const fetch = async (question: CachedRead, keys: ReadKeys, load: () => Promise<unknown>): Promise<Found> => {
    if (shared === null) return compute(question, keys, load, { outcome: 'miss', token: null })
    const token = newToken()
    const waitsUntil = wallClock() + LOCK_MS
    for (let pauseMs = LOOK_MS.first; ; pauseMs = Math.min(pauseMs * 2, LOOK_MS.longest)) {
      let claimed: Awaited<ReturnType<typeof shared.claim>>
      try {
        claimed = await shared.claim(keys, token)
      } catch {
        // It may have been heard all the same: a lock that nobody gave back would hold up the others.
        return compute(question, keys, load, { outcome: 'error', token })
      }
      if (claimed === 'claimed') return compute(question, keys, load, { outcome: 'miss', token })
      if (claimed !== 'busy') {
        const answer = openAnswer(claimed.text, question.orgId)
        // Of somebody else, broken, or too old by this process's clock.
        if (answer === null || answer.freshUntil + question.staleSeconds * 1000 <= wallClock())
          return compute(question, keys, load, { outcome: 'miss', token: null })
        remember(question, keys, claimed.text, answer.freshUntil)
        return { text: claimed.text, outcome: pauseMs === LOOK_MS.first ? 'hit' : 'dedup' }
      }
      if (wallClock() >= waitsUntil) return compute(question, keys, load, { outcome: 'miss', token: null })
      await pause(pauseMs * (0.75 + 0.5 * random()))
    }
  }

  /** Computes an answer anew that is too old and is given all the same, unless somebody is at it. */
  const renew = async (question: CachedRead, keys: ReadKeys, load: () => Promise<unknown>): Promise<Found | null> => {
    const token = shared ? await shared.lock(keys) : null
    return shared && token === null ? null : compute(question, keys, load, { outcome: 'stale', token })
  }

  const renewing = new Set<string>()
  const renewOnce = (question: CachedRead, keys: ReadKeys, load: () => Promise<unknown>): void => {
    if (renewing.has(keys.value)) return
    renewing.add(keys.value)
    inBackground(renew(question, keys, load).finally(() => renewing.delete(keys.value)))
  }

  /** How many join one flight does not matter to it. */
  const join = async (question: CachedRead, keys: ReadKeys, load: () => Promise<unknown>): Promise<Found> => {
    const running = flights.get(keys.value)
    if (running !== undefined) {
      const { text, outcome } = await running
      return { text, outcome: outcome === 'miss' ? 'dedup' : outcome }
    }
    const flight = fetch(question, keys, load).finally(() => flights.delete(keys.value))
    flights.set(keys.value, flight)
    return flight
  }

  const find = async (question: CachedRead, keys: ReadKeys, load: () => Promise<unknown>): Promise<Found> => {
    const text = memory.get(keys.value)
    return text === null ? join(question, keys, load) : { text, outcome: 'hit' }
  }

  const keysNow = async (question: CachedRead): Promise<ReadKeys | null> => {
    try {
      return readKeys(question, await versions.current(question.versions))
    } catch (error) {
      if (error instanceof TypeError) throw error
      // Without versions nothing can be believed; the database, which did not tell them, may still answer.
      return null
    }
  }

  /** From memory, else from Redis; null for what is not there, is somebody else's or has to be computed anew. */
  const look = async (question: CachedRead, keys: ReadKeys): Promise<string | null> => {
    let found = memory.json(keys.value)
    if (found === null && shared !== null) {
      const text = await shared.look(keys).catch(() => null)
      const opened = text === null ? null : openAnswer(text, question.orgId)
      if (text === null || opened === null) return null
      remember(question, keys, text, opened.freshUntil)
      found = memory.json(keys.value) ?? openJson(text)
    }
    return found !== null && found.orgId === question.orgId && found.freshUntil > wallClock() ? found.text : null
  }

  const { lookUp, peekLookUp } = createLookUps({ link, versions, memory, count, wallClock, random, inBackground })

  return {
    async read<T>(question: CachedRead, load: () => Promise<T>): Promise<T> {
      const keys = (await isOn(question)) ? await keysNow(question) : 'off'
      if (keys === null || keys === 'off') {
        count(question.name, keys ?? 'error')
        return copyOf(await load())
      }
      const { text, outcome } = await find(question, keys, load)
      const answer = openAnswer(text, question.orgId) as Envelope
      const isStale = answer.freshUntil <= wallClock() && (outcome === 'hit' || outcome === 'dedup')
      if (isStale) renewOnce(question, keys, load)
      count(question.name, isStale ? 'stale' : outcome)
      return answer.value as T
    },
    async peek(question) {
      const keys = (await isOn(question)) ? await keysNow(question) : null
      return keys && look(question, keys)
    },
    lookUp,
    peekLookUp,
    served: (names) => {
      for (const name of names) count(name, 'hit')
    },
    touched: versions.touched,
    drain: versions.drain,
    async close() {
      versions.close()
      await Promise.all(background)
    },
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What a kept answer would look like. */
const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify({ v: value })).v as T

import type { CachedReads, CountRead, CredentialQuestion, VersionRef } from '../cached-reads.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { openCredential, sealCredential, type Guard } from './envelope.ts'
import type { MemoryAnswers } from './memory-answers.ts'
import { credentialKey } from './read-key.ts'
import { VERSION_AGE_MS, type Versions } from './versions.ts'

export interface LookUpParts {
  readonly link: RedisLink | null
  readonly versions: Versions
  readonly memory: MemoryAnswers
  readonly count: CountRead
  readonly wallClock: () => number
  readonly random: () => number
  readonly inBackground: (work: Promise<unknown>) => void
}

type Kept = NonNullable<ReturnType<typeof openCredential>>

/** What nothing has been computed under: no version is lower, so that it only says what there is to look at. */
const UNKNOWN = -1

interface Flight {
  readonly startedAt: number
  readonly answer: Promise<unknown>
}

/**
 * Answers that are found by a secret. Their versions stand beside them and are compared with those of now. Versions
 * have to be read before the answer is computed, and whose they are is only known after the first time: so the first
 * answer is kept as a hint, and the second one for good.
 */
export const createLookUps = (parts: LookUpParts): Pick<CachedReads, 'lookUp' | 'peekLookUp'> => {
  const { link, versions, memory, count, wallClock, random, inBackground } = parts
  const flights = new Map<string, Flight>()

  const kept = (text: string | null): Kept | null => (text === null ? null : openCredential(text))

  const inRedis = async (key: string): Promise<Kept | null> => {
    const text = (await link?.run((redis) => redis.get(key)).catch(() => null)) ?? null
    const found = kept(text)
    if (found && text !== null) memory.put(key, text, found.freshUntil)
    return found
  }

  /** A newer one than is known here is none the worse. */
  const isCurrent = ({ guards, freshUntil }: Kept, now: readonly number[] | null) =>
    freshUntil > wallClock() && now !== null && guards.every(({ version }, i) => version >= (now[i] ?? Infinity))

  const versionsNow = (found: Kept | null) => found && versions.current(found.guards).catch(() => null)

  const keep = (question: CredentialQuestion, key: string, guards: readonly Guard[], value: unknown): void => {
    const keepMs = question.ttlSeconds * 1000 * (0.9 + 0.2 * random())
    const text = sealCredential(guards, wallClock() + keepMs, value)
    memory.put(key, text, wallClock() + keepMs)
    if (link) inBackground(link.run((redis) => redis.set(key, text, 'PX', Math.ceil(keepMs))))
  }

  /** What is kept and the versions that it depends on, as they are now; the versions, too, where it is not good any more. */
  const look = async (key: string): Promise<{ found: Kept | null; now: readonly number[] | null; isGood: boolean }> => {
    let found = kept(memory.get(key))
    let now = await versionsNow(found)
    if (found === null || !isCurrent(found, now)) {
      found = (await inRedis(key)) ?? found
      now = await versionsNow(found)
    }
    return { found, now, isGood: found !== null && isCurrent(found, now) }
  }

  const lookUp = async <T>(
    question: CredentialQuestion,
    key: string,
    load: () => Promise<T>,
    dependsOn: (answer: T) => readonly VersionRef[] | null,
  ): Promise<T> => {
    const { found, now, isGood } = await look(key)
    if (found !== null && isGood) {
      count(question.name, 'hit')
      return found.value as T
    }
    count(question.name, link && link.state !== 'closed' ? 'error' : 'miss')
    const answer = JSON.parse(JSON.stringify({ v: await load() })).v as T
    const refs = dependsOn(answer)
    if (refs === null) return answer
    const known = new Map(found?.guards.map((guard, i) => [idOf(guard), now?.[i]]))
    const guards = refs.map((ref) => ({ ...ref, version: known.get(idOf(ref)) ?? UNKNOWN }))
    keep(question, key, guards, answer)
    return answer
  }

  const lookUpOnce = async <T>(
    question: CredentialQuestion,
    load: () => Promise<T>,
    dependsOn: (answer: T) => readonly VersionRef[] | null,
  ): Promise<T> => {
    const key = credentialKey(question)
    const running = flights.get(key)
    const at = versions.instant()
    // Nobody is told what was found out before something was touched, or longer ago than the bound.
    if (running && running.startedAt > versions.lastTouch && running.startedAt > at - VERSION_AGE_MS) {
      const answer = structuredClone((await running.answer) as T)
      count(question.name, 'dedup')
      return answer
    }
    const flight: Flight = { startedAt: at, answer: lookUp(question, key, load, dependsOn) }
    flights.set(key, flight)
    try {
      return (await flight.answer) as T
    } finally {
      if (flights.get(key) === flight) flights.delete(key)
    }
  }

  return {
    lookUp: lookUpOnce,
    async peekLookUp<T>(question: CredentialQuestion): Promise<T | null> {
      const { found, isGood } = await look(credentialKey(question))
      return found !== null && isGood ? (found.value as T) : null
    },
  }
}

const idOf = ({ subjectId, tag }: VersionRef): string => `${subjectId}:${tag}`

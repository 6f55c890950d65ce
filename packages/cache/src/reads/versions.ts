import type { RedisLink } from '../redis/redis-link.ts'
import type { ReadVersions, VersionRef, VersionRow } from '../cached-reads.ts'
import { createSharedVersions, VERSION_TTL_MS } from './shared-versions.ts'
import { VERSION_SCRIPTS, versionKey, type VersionScripts } from './version-scripts.ts'

/**
 * The bound of staleness: what a version says is at most so old, wherever it comes from. One second is what the product
 * promises of a permission that was taken away.
 */
export const VERSION_AGE_MS = 1_000
/**
 * How often the outbox is to be drained. Half of the bound: a version from Redis is as old as this process's last drain,
 * and is then good for the other half.
 */
export const DRAIN_EVERY_MS = VERSION_AGE_MS / 2
/** About 200 bytes each. The longest unused go first. */
const MOST_KNOWN = 20_000
/** What was asked for lately and will be asked for again comes with what is asked for now: one index look-up each. */
const MOST_AT_ONCE = 500

/** A version, and as of when: all that was committed before is counted. By the clock of `now`. */
interface Answer {
  readonly version: number
  readonly asOf: number
}

interface Known {
  readonly ref: VersionRef
  answer: Answer
  usedAt: number
}

type Answers = ReadonlyMap<string, Answer>

interface Asked {
  readonly startedAt: number
  readonly answers: Promise<Answers>
}

export interface VersionsOptions {
  readonly link: RedisLink | null
  readonly readVersions: ReadVersions
  /** Milliseconds of a steady clock. */
  readonly now?: () => number
  readonly scripts?: VersionScripts | undefined
}

/**
 * What the versions are. From memory while they are young enough; else from Redis where it can be believed; else from
 * Postgres. Each has a time as of which it is known, and that alone decides.
 */
export const createVersions = ({ link, readVersions, now = () => performance.now(), scripts }: VersionsOptions) => {
  const known = new Map<string, Known>()
  const touchedAt = new Map<string, number>()
  const asked = new Map<string, Asked>()
  const shared = link && createSharedVersions(link, scripts ?? VERSION_SCRIPTS)
  let last = Number.NEGATIVE_INFINITY
  let lastTouch = Number.NEGATIVE_INFINITY
  /** Start of the last drain of this process: what was committed before it is in Redis. */
  let drainedAt = Number.NEGATIVE_INFINITY

  /** No two are equal, so that before and after can always be told. */
  const instant = (): number => (last = Math.max(now(), last + 0.001))

  /** What is there may be of before a fail-over: it is believed when all of that has expired. */
  let believedFrom = instant() + VERSION_TTL_MS

  const oldestGood = (subjectId: string, at: number): number =>
    Math.max(at - VERSION_AGE_MS, touchedAt.get(subjectId) ?? Number.NEGATIVE_INFINITY)

  const learn = ({ version, ...ref }: VersionRow, asOf: number): Answer => {
    const key = keyOf(ref)
    const before = known.get(key)
    known.delete(key)
    const oldest = known.size >= MOST_KNOWN ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    // It may have grown while it was asked for.
    const answer = { version: Math.max(version, before?.answer.version ?? 0), asOf }
    known.set(key, {
      ref,
      answer: before && before.answer.asOf > asOf ? before.answer : answer,
      usedAt: before?.usedAt ?? last,
    })
    return answer
  }

  /** Somebody says that a version has grown; how old the rest is stays as it was. */
  const raise = (row: VersionRow): void => {
    const found = known.get(keyOf(row))
    if (found !== undefined && found.answer.version < row.version)
      found.answer = { version: row.version, asOf: found.answer.asOf }
  }

  const ask = async (refs: readonly VersionRef[], at: number): Promise<Answers> => {
    const answers = new Map<string, Answer>()
    const asOf = drainedAt
    const isBelieved = link?.state === 'closed' && at >= believedFrom
    const inRedis = isBelieved ? refs.filter(({ subjectId }) => asOf >= oldestGood(subjectId, at)) : []
    const kept = shared && inRedis.length > 0 ? await shared.read(inRedis).catch(() => null) : null
    for (const row of kept?.found ?? []) answers.set(keyOf(row), learn(row, asOf))
    const rest = refs.filter((ref) => !answers.has(keyOf(ref)))
    if (rest.length === 0) return answers
    const startedAt = instant()
    const rows = await readVersions([...new Set(rest.map(({ subjectId }) => subjectId))])
    const versions = new Map(rows.map((row) => [keyOf(row), row.version]))
    const read = rest.map((ref) => ({ ...ref, version: versions.get(keyOf(ref)) ?? 0 }))
    for (const row of read) answers.set(keyOf(row), learn(row, startedAt))
    // Nobody waits for it, and nothing is wrong without it.
    if (shared && kept) void shared.keep(kept.sequence, read).catch(() => undefined)
    return answers
  }

  /** With `refs`, what will be asked for next: used within the bound, and older than half of it. */
  const withNeighbours = (refs: readonly VersionRef[], at: number): VersionRef[] => {
    const all = new Map(refs.map((ref) => [keyOf(ref), ref]))
    for (const [key, { ref, answer, usedAt }] of known) {
      if (all.size >= MOST_AT_ONCE) break
      const isDue = usedAt > at - VERSION_AGE_MS && answer.asOf < at - VERSION_AGE_MS / 2
      if (isDue && !asked.has(key)) all.set(key, ref)
    }
    return [...all.values()]
  }

  const start = (refs: readonly VersionRef[]): Promise<Answers> => {
    const startedAt = instant()
    const all = withNeighbours(refs, startedAt)
    const one: Asked = { startedAt, answers: ask(all, startedAt) }
    for (const ref of all) asked.set(keyOf(ref), one)
    const over = () => {
      for (const ref of all) if (asked.get(keyOf(ref)) === one) asked.delete(keyOf(ref))
    }
    void one.answers.then(over, over)
    return one.answers
  }

  /** What is in memory of all of them; null where one is not, or is too old. */
  const allKnown = (refs: readonly VersionRef[], at: number): number[] | null => {
    const found: number[] = []
    for (const ref of refs) {
      const one = known.get(keyOf(ref))
      if (one === undefined || one.answer.asOf < oldestGood(ref.subjectId, at)) return null
      one.usedAt = at
      found.push(one.answer.version)
    }
    return found
  }

  // So that what is there is believed from a time on that begins after the connection does.
  void link?.run((redis) => redis.ping()).catch(() => undefined)
  const stop = shared?.listen(raise)
  const stopRecovery = link?.onRecovery(() => (believedFrom = instant() + VERSION_TTL_MS))

  return {
    /**
     * In the order of `refs`: each counts all that was committed more than VERSION_AGE_MS ago, and before its subject
     * was touched. Throws what `readVersions` throws.
     */
    current: async (refs: readonly VersionRef[]): Promise<readonly number[]> => {
      const at = instant()
      const inMemory = allKnown(refs, at)
      if (inMemory !== null) return inMemory
      const isGood = (ref: VersionRef, asOf: number) => asOf >= oldestGood(ref.subjectId, at)
      const answers = new Map<string, Answer>()
      const running = new Set<Promise<Answers>>()
      for (const ref of refs) {
        const found = known.get(keyOf(ref))
        if (found !== undefined) found.usedAt = at
        const one = asked.get(keyOf(ref))
        if (found !== undefined && isGood(ref, found.answer.asOf)) answers.set(keyOf(ref), found.answer)
        else if (one !== undefined && isGood(ref, one.startedAt)) running.add(one.answers)
      }
      for (const one of running) for (const [key, answer] of await one) if (!answers.has(key)) answers.set(key, answer)
      // What somebody else has asked for may have come from Redis, and be of a little before.
      const missing = refs.filter((ref) => !isGood(ref, answers.get(keyOf(ref))?.asOf ?? Number.NEGATIVE_INFINITY))
      if (missing.length > 0) for (const [key, answer] of await start(missing)) answers.set(key, answer)
      return refs.map((ref) => answers.get(keyOf(ref))?.version ?? 0)
    },
    touched: (subjectIds: readonly string[]): void => {
      lastTouch = instant()
      // What is older than the bound says nothing that the bound does not.
      if (touchedAt.size > MOST_AT_ONCE)
        for (const [id, at] of touchedAt) if (at < lastTouch - VERSION_AGE_MS) touchedAt.delete(id)
      for (const id of subjectIds) touchedAt.set(id, lastTouch)
    },
    /** Nothing that began before it may be used by somebody who comes now. */
    get lastTouch() {
      return lastTouch
    },
    instant,
    drain: async <Row extends VersionRow>(readRows: () => Promise<readonly Row[]>): Promise<readonly Row[]> => {
      if (!shared) return []
      const startedAt = instant()
      const rows = await readRows()
      for (const row of rows) raise(row)
      if (rows.length > 0) await shared.publish(highestOf(rows))
      drainedAt = Math.max(drainedAt, startedAt)
      return rows
    },
    close: (): void => {
      stop?.()
      stopRecovery?.()
    },
  }
}

export type Versions = ReturnType<typeof createVersions>

const keyOf = ({ subjectId, tag }: VersionRef): string => versionKey(subjectId, tag)

/** A document that is imported counts its organisation up hundreds of times; Redis is told the last one. */
const highestOf = (rows: readonly VersionRow[]): readonly VersionRow[] => {
  const highest = new Map<string, VersionRow>()
  for (const row of rows) {
    const key = keyOf(row)
    if ((highest.get(key)?.version ?? -1) < row.version) highest.set(key, row)
  }
  return [...highest.values()]
}

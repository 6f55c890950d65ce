import type { RedisLink } from '../redis/redis-link.ts'
import type { VersionRef, VersionRow, VersionTag } from '../cached-reads.ts'
import { VERSION_SCRIPTS, versionKey, type VersionScripts } from './version-scripts.ts'

/**
 * How long Redis keeps a version. Nothing depends on it but what a fail-over may lose: a version that was told to a
 * server whose copy never heard it is wrong there for so long at most, and for so long after each reconnect nobody
 * believes what is there. Each version in use is read from Postgres once in this time.
 */
export const VERSION_TTL_MS = 10_000
/** Of Redis; not of a tenant: subjects and counts. */
export const VERSION_CHANNEL = 'version'

/** Versions as Redis holds them. All throw RedisUnavailable and error replies. */
export const createSharedVersions = (link: RedisLink, scripts: VersionScripts = VERSION_SCRIPTS) => {
  const keysOf = (refs: readonly VersionRef[]) => [
    scripts.sequenceKey,
    ...refs.map(({ subjectId, tag }) => versionKey(subjectId, tag)),
  ]
  return {
    /** The versions that Redis has, and the sequence that `keep` wants to see again. */
    read: async (refs: readonly VersionRef[]): Promise<{ sequence: string; found: readonly VersionRow[] }> => {
      const [sequence, ...versions] = texts(await link.run((redis) => scripts.read(redis, keysOf(refs), [])))
      const found = refs.flatMap((ref, i) => {
        const version = Number(versions[i] || Number.NaN)
        return isVersion(version) ? [{ ...ref, version }] : []
      })
      return { sequence: sequence ?? '', found }
    },
    /** Keeps what was read from Postgres after `sequence` was read. */
    keep: async (sequence: string, rows: readonly VersionRow[]): Promise<void> => {
      const args = [sequence, VERSION_TTL_MS, ...rows.map((row) => String(row.version))]
      await link.run((redis) => scripts.keep(redis, keysOf(rows), args))
    },
    publish: async (rows: readonly VersionRow[]): Promise<void> => {
      const message = JSON.stringify(rows.map(({ subjectId, tag, version }) => [subjectId, tag, version]))
      const args = [VERSION_CHANNEL, message, VERSION_TTL_MS, ...rows.map((row) => String(row.version))]
      await link.run((redis) => scripts.publish(redis, keysOf(rows), args))
    },
    /** What is published from now on, lost messages excepted. Returns what ends it. */
    listen: (heard: (row: VersionRow) => void): (() => void) =>
      link.subscribe(VERSION_CHANNEL, (message) => {
        for (const row of rowsOf(message)) heard(row)
      }),
  }
}

export type SharedVersions = ReturnType<typeof createSharedVersions>

const texts = (reply: unknown): readonly (string | null)[] => {
  if (!Array.isArray(reply)) throw new TypeError('Redis gave no versions')
  return reply.map((one: unknown) => (typeof one === 'string' ? one : null))
}

/** Anybody who reaches Redis can say something there: what cannot be understood is nothing. */
const rowsOf = (message: string): readonly VersionRow[] => {
  let said: unknown
  try {
    said = JSON.parse(message)
  } catch {
    return []
  }
  if (!Array.isArray(said)) return []
  return said.flatMap((row: unknown) => {
    const [subjectId, tag, version]: unknown[] = Array.isArray(row) ? row : []
    return typeof subjectId === 'string' && isTag(tag) && isVersion(version) ? [{ subjectId, tag, version }] : []
  })
}

/** What is none is not there: the highest is remembered, and nothing would ever be higher. */
const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const TAGS: readonly string[] = ['permission', 'documents', 'index', 'access'] satisfies VersionTag[]
const isTag = (value: unknown): value is VersionTag => typeof value === 'string' && TAGS.includes(value)
